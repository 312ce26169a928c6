/** A pretended service of AWS. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** AWS's own example: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export const CREDENTIALS = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };

export interface Recorded {
	readonly request: IncomingMessage;
	readonly body: string;
}

/** @param attempt 1 for the first request that the endpoint has on record */
export type Answer = (response: ServerResponse, attempt: number, request: IncomingMessage, body: string) => void;

/** An endpoint that answers as it is told, notes the requests, and closes with the test. */
export async function aRecordingEndpoint(answer: Answer): Promise<{ url: string; requests: Recorded[] }> {
	const requests: Recorded[] = [];
	const server = createServer(async (request, response) => {
		let body = "";
		for await (const part of request.setEncoding("utf8")) body += part;
		requests.push({ request, body });
		answer(response, requests.length, request, body);
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}
