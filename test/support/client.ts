import { randomBytes } from "node:crypto";
import { onTestFinished } from "vitest";
import WebSocket from "ws";
import { type ConnectOptions, openClient, type TestClient } from "./open-client.ts";

export type { ConnectOptions, Frame, Marks, TestClient } from "./open-client.ts";

/** Connects, and cuts the connection at the end of the test. */
export async function connect(url: string, options: ConnectOptions = {}): Promise<TestClient> {
	const client = await openClient(url, options);
	onTestFinished(() => client.cut());
	return client;
}

/** The HTTP status with which a connection is refused. */
export function refusedStatus(url: string, options: ConnectOptions & { readonly host?: string } = {}): Promise<number> {
	return new Promise((resolve, reject) => {
		const { origin, subprotocols = [], host } = options;
		const headers = host === undefined ? {} : { host };
		const socket = new WebSocket(url, subprotocols, { headers, ...(origin !== undefined && { origin }) });
		socket.once("open", () => {
			socket.terminate();
			reject(new Error("The connection was accepted."));
		});
		socket.once("unexpected-response", (_request, response) => {
			response.resume();
			resolve(response.statusCode ?? 0);
		});
		socket.once("error", reject);
	});
}

let sequence = 0;

/** A room that no other test uses, even if several runs share one deployment. */
export function aRoom(): string {
	sequence += 1;
	return `room-${sequence}-${randomBytes(4).toString("hex")}`;
}

/** An id of p2pmesh's form. */
export function aHexId(): string {
	return randomBytes(20).toString("hex");
}
