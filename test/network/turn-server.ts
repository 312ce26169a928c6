/** coturn, the TURN server that docs/client.md names, and a proxy before it that holds its answers back. */
import { spawn } from "node:child_process";
import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TurnServer {
	/** @returns what `iceServers` takes: this server, with its answers so late */
	behind(delay: Delay): Promise<RTCIceServer[]>;
	close(): Promise<void>;
}

export interface Delay {
	/** ms that an answer to a request waits: of STUN's binding, and of TURN's allocation, permission and channel. */
	readonly answerMs?: number;
	/** ms that any packet takes in each direction. */
	readonly pathMs?: number;
}

const USERNAME = "user";
const CREDENTIAL = "secret";

async function bind(address: string): Promise<Socket> {
	const socket = createSocket("udp4");
	socket.bind(0, address);
	await once(socket, "listening");
	return socket;
}

/** Whether a packet is the answer to a STUN request (RFC 8489, section 5): two bits of its type say so. */
function isAnswer(packet: Buffer): boolean {
	if (packet.length < 20 || (packet.readUInt8(0) & 0xc0) !== 0) return false;
	return (packet.readUInt16BE(0) & 0x0100) !== 0;
}

/**
 * @param address the source of relayed packets, and the address of the proxies
 * @param hidden a range of addresses that it relays nothing to, as if they were behind a NAT
 */
export async function startTurnServer(address: string, hidden: string): Promise<TurnServer> {
	const probe = await bind("127.0.0.1");
	const { port } = probe.address();
	probe.close();
	const folder = mkdtempSync(join(tmpdir(), "turn-"));
	const coturn = spawn(
		"turnserver",
		[
			"-n",
			"--listening-ip=127.0.0.1",
			`--listening-port=${port}`,
			`--relay-ip=${address}`,
			`--denied-peer-ip=${hidden}`,
			"--lt-cred-mech",
			`--user=${USERNAME}:${CREDENTIAL}`,
			"--realm=p2pmesh",
			"--no-tls",
			"--no-dtls",
			"--no-cli",
			"--log-file=stdout",
			`--pidfile=${join(folder, "pid")}`,
			`--userdb=${join(folder, "db")}`,
		],
		{ stdio: ["ignore", "ignore", "inherit"] },
	);
	const ended = new Promise<void>((resolve) => coturn.once("exit", () => resolve()));
	await once(coturn, "spawn").catch((cause) => {
		throw new Error("No `turnserver`: install the package coturn.", { cause });
	});
	await answering(port);

	const sockets: Socket[] = [];
	return {
		async behind(delay) {
			const front = await startProxy(address, port, delay, sockets);
			const urls = `${address}:${front}`;
			return [{ urls: `stun:${urls}` }, { urls: `turn:${urls}`, username: USERNAME, credential: CREDENTIAL }];
		},
		async close() {
			for (const socket of sockets) socket.close();
			coturn.kill("SIGKILL");
			await ended;
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

/** Waits until a STUN server answers on this port. */
async function answering(port: number): Promise<void> {
	const socket = await bind("127.0.0.1");
	const request = Buffer.alloc(20);
	request.writeUInt16BE(0x0001, 0);
	request.writeUInt32BE(0x2112a442, 4);
	const answered = once(socket, "message");
	socket.on("error", () => {}); // nothing listens on that port yet
	const ask = setInterval(() => socket.send(request, port, "127.0.0.1"), 50);
	await answered;
	clearInterval(ask);
	socket.close();
}

/** @returns the port of the proxy */
async function startProxy(address: string, to: number, { answerMs = 0, pathMs = 0 }: Delay, sockets: Socket[]) {
	const front = await bind(address);
	sockets.push(front);
	const later = (ms: number, send: () => void) => (ms === 0 ? send() : void setTimeout(send, ms));
	/** By the client's address: the socket that stands for it before the server. */
	const backs = new Map<string, Promise<Socket>>();

	front.on("message", async (packet, client) => {
		const key = `${client.address}:${client.port}`;
		if (!backs.has(key)) backs.set(key, bind("127.0.0.1").then(answer));
		function answer(back: Socket) {
			sockets.push(back);
			back.on("message", (reply) =>
				later(pathMs + (isAnswer(reply) ? answerMs : 0), () => send(front, reply, client.port, client.address)),
			);
			return back;
		}
		const back = await backs.get(key);
		if (back !== undefined) later(pathMs, () => send(back, packet, to, "127.0.0.1"));
	});
	return front.address().port;
}

function send(socket: Socket, packet: Buffer, port: number, address: string): void {
	try {
		socket.send(packet, port, address);
	} catch {
		// The test is over, and the socket closed.
	}
}
