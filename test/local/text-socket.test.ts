/** The frames that the gateway writes by itself, read by a client that knows nothing of it. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, it } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { TextSocket } from "../../local/text-socket.ts";

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
	for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A client, and the server's side of its connection. */
async function aPair() {
	const http = createServer();
	servers.push(http);
	await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
	const sockets = new WebSocketServer<typeof TextSocket>({
		noServer: true,
		perMessageDeflate: false,
		WebSocket: TextSocket,
	});
	const accepted = new Promise<TextSocket>((resolve) => {
		http.on("upgrade", (request, stream, head) =>
			sockets.handleUpgrade(request, stream, head, (socket) => {
				socket.stream = stream;
				resolve(socket);
			}),
		);
	});
	const client = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
	const frames: string[] = [];
	client.on("message", (data) => frames.push(data.toString()));
	client.on("ping", () => frames.push("ping"));
	const closed = new Promise<number>((resolve) => client.on("close", resolve));
	return { socket: await accepted, frames, closed };
}

const TEXTS = [0, 1, 125, 126, 255, 256, 65_535, 65_536, 70_000].map((length) => "x".repeat(length));
const WIDE = ["é", "€".repeat(60), "😀".repeat(20_000), `${"x".repeat(200)}ü`, "\u0000\u007f", "\u0080"];

it("texts arrive as they were sent, of any length and any characters, in order with what ws itself sends", async () => {
	const { socket, frames, closed } = await aPair();
	const texts = [...TEXTS, ...WIDE, ...TEXTS];

	for (const text of texts) socket.sendText(text);
	socket.ping();
	socket.sendText("the last");
	socket.close(1001);

	expect(await closed).toBe(1001);
	expect(frames).toEqual([...texts, "ping", "the last"]);
});

it("a text is said to be written when it has left the process, and is counted until then", async () => {
	const { socket, closed } = await aPair();
	socket.stream?.cork();

	const written = new Promise<void>((resolve) => socket.sendText("x".repeat(1_000), () => resolve()));
	expect(socket.bufferedAmount).toBe(1_004);
	socket.stream?.uncork();

	await written;
	expect(socket.bufferedAmount).toBe(0);
	socket.close();
	await closed;
});

it("a text to a socket that is closing is not sent", async () => {
	const { socket, frames, closed } = await aPair();
	socket.close(1001);

	socket.sendText("too late");

	await closed;
	expect(frames).toEqual([]);
});
