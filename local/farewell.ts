/** How the gateway says goodbye to its clients. */
import { RECONNECT_WITHIN_MS } from "../lambda/core/limits.ts";
import { encodeFrame } from "../protocol/index.ts";
import { CLOSE, type Peer } from "./connections.ts";

const MARK = Buffer.from("go_away");

/**
 * Tells all clients to go away. Resolves once every client has read it: a WebSocket ping follows, and its answer comes
 * after every frame that the client had sent before. So each frame that comes later was sent by a client that knew.
 */
export async function askToGoAway(peers: Iterable<Peer>): Promise<void> {
	const text = encodeFrame({
		type: "go_away",
		reason: "the server is shutting down",
		reconnectWithin: RECONNECT_WITHIN_MS,
	});
	await Promise.all(
		[...peers].map(
			({ socket }) =>
				new Promise<void>((resolve) => {
					if (socket.readyState !== socket.OPEN) return resolve();
					socket.on("pong", (data) => data.equals(MARK) && resolve());
					socket.once("close", () => resolve());
					socket.send(text);
					socket.ping(MARK);
				}),
		),
	);
}

/** Closes every socket. Resolves once their clients have agreed. */
export async function closeAll(peers: Iterable<Peer>): Promise<void> {
	await Promise.all(
		[...peers].map(
			({ socket }) =>
				new Promise<void>((resolve) => {
					socket.once("close", () => resolve());
					socket.close(CLOSE.goingAway, "Going away");
				}),
		),
	);
}

/** Waits for a promise, but no longer than so many ms. */
export async function atMost(ms: number, promise: Promise<unknown>): Promise<void> {
	let timer: NodeJS.Timeout | undefined;
	const timeout = new Promise((resolve) => {
		timer = setTimeout(resolve, ms);
	});
	await Promise.race([promise, timeout]);
	clearTimeout(timer);
}
