/** Signals to a client that reads nothing: how long the invocation takes, and how many posts it makes. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connectionsApiSender } from "../../lambda/adapters/connections-api-sender.ts";
import { jsonLog } from "../../lambda/adapters/json-log.ts";
import { createHandler } from "../../lambda/handler.ts";
import { someDependencies } from "../../test/support/defaults.ts";

const FRAMES = 100;

export async function run(): Promise<void> {
	process.env.AWS_REGION = "us-east-1";
	process.env.AWS_ACCESS_KEY_ID = "bench";
	process.env.AWS_SECRET_ACCESS_KEY = "bench";
	let toMute = 0;
	const server = createServer((request, response) => {
		const mute = decodeURIComponent(String(request.url)).endsWith("/mute=");
		if (mute) toMute += 1;
		request.resume().on("end", () => response.writeHead(mute ? 429 : 200).end());
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	const { port } = server.address() as AddressInfo;
	let bytesLogged = 0;
	const log = jsonLog("info", (line) => {
		bytesLogged += line.length;
	});
	const sender = connectionsApiSender({ endpoint: `http://127.0.0.1:${port}/prod`, log });
	const handler = createHandler({ ...someDependencies(sender), log });
	const send = (connectionId: string, frame: object) =>
		handler({
			requestContext: { eventType: "MESSAGE", routeKey: "$default", connectionId, connectedAt: Date.now() },
			body: JSON.stringify(frame),
		});

	// Its welcome is refused, and the join fails after it is written down: it is there all the same.
	await send("mute=", { type: "join", peerId: "mute" }).catch(() => {});
	await send("alice=", { type: "join", peerId: "alice" });
	toMute = bytesLogged = 0;
	const times: number[] = [];
	for (let n = 0; n < FRAMES; n++) {
		const from = performance.now();
		await send("alice=", { type: "signal", to: "mute", id: n });
		times.push(performance.now() - from);
	}
	server.closeAllConnections();
	server.close();

	const mean = times.reduce((sum, time) => sum + time, 0) / FRAMES;
	const slow = times.filter((time) => time > 40).length;
	console.log(
		`${FRAMES} signals to a client that reads nothing: ${mean.toFixed(1)} ms each on average, ` +
			`${Math.max(...times).toFixed(0)} ms at most, ${slow} of them waited; ` +
			`${(toMute / FRAMES).toFixed(2)} posts and ${(bytesLogged / FRAMES).toFixed(0)} bytes of log each.`,
	);
	if (toMute > FRAMES / 5) process.exitCode = 1;
}
