/** Talks to any signaling server as two peers would, and says how long each step took. */
import { randomBytes } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { parseArgs } from "node:util";
import WebSocket from "ws";

const USAGE = `Connects two peers to a signaling server and lets them find each other, signal and leave.

Usage: npm run smoke -- <url> [options]

  <url>                ws:// or wss://, such as the output of \`terraform output -raw websocket_url\`; if the server asks
                       for tokens, with ?token=<a token that binds no peer id>
  --room <name>        room to meet in (default: a random one, so that no other peer notices)
  --origin <origin>    Origin header to send, for a server that requires one (default: none)
  --timeout <seconds>  how long each step may take (default: 10)
  --help               this text

Exits with 0 if every step passed, 1 if one failed, 2 if the command line is wrong.
`;

/** The command line is wrong. */
class UsageError extends Error {
	override readonly name = "UsageError";
}

/** A step did not go as it should. */
class StepError extends Error {
	override readonly name = "StepError";
	readonly expected: string;
	readonly came: string;
	readonly hint: string | undefined;

	constructor(expected: string, came: string, hint?: string) {
		super(`Expected ${expected}; got ${came}`);
		this.expected = expected;
		this.came = came;
		this.hint = hint;
	}
}

interface Options {
	readonly url: string;
	readonly room: string;
	readonly origin: string | undefined;
	readonly timeoutMs: number;
}

/** @returns undefined if the user asks for help */
function readOptions(args: string[]): Options | undefined {
	let values: { room?: string; origin?: string; timeout?: string; help?: boolean };
	let positionals: string[];
	try {
		({ values, positionals } = parseArgs({
			args,
			allowPositionals: true,
			options: {
				room: { type: "string" },
				origin: { type: "string" },
				timeout: { type: "string" },
				help: { type: "boolean" },
			},
		}));
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
	if (values.help === true) return undefined;

	const [url, ...rest] = positionals;
	if (url === undefined) throw new UsageError("The URL of a server is missing.");
	if (rest.length > 0) throw new UsageError(`One URL is expected; got ${positionals.join(" ")}.`);
	const timeout = Number(values.timeout ?? 10);
	if (!(timeout > 0 && timeout <= 600)) {
		throw new UsageError(`--timeout must be a number of seconds above 0 and up to 600; got ${values.timeout}.`);
	}
	return {
		url: checkedUrl(url),
		room: values.room ?? `smoke-${randomBytes(6).toString("hex")}`,
		origin: values.origin,
		timeoutMs: timeout * 1000,
	};
}

function checkedUrl(text: string): string {
	if (/^https?:\/\//i.test(text)) {
		throw new UsageError(`A WebSocket URL starts with wss:// or ws://; try ${text.replace(/^http/i, "ws")}`);
	}
	// Without the slashes `localhost:8080` would be a URL with the scheme `localhost:`.
	if (!/^wss?:\/\//i.test(text)) {
		throw new UsageError(`The URL must start with wss:// (or ws:// for a server without TLS); got ${text}`);
	}
	if (!URL.canParse(text) || text.includes("#")) throw new UsageError(`This is not the URL of a WebSocket: ${text}`);
	return text;
}

type Frame = Readonly<Record<string, unknown>>;

interface Peer {
	readonly name: string;
	readonly id: string;
	readonly socket: WebSocket;
	/** How its connection ended. */
	closed?: { readonly how: string; readonly at: number };
}

interface Arrived {
	readonly peer: Peer;
	readonly text: string;
	readonly frame: Frame;
	/** By `performance.now()`, like all times here. */
	readonly at: number;
}

/** The peers' connections. Frames are kept until a step waits for them, and only one step waits at a time. */
class Conversation {
	readonly #options: Options;
	readonly #peers: Peer[] = [];
	readonly #arrived: Arrived[] = [];
	#look = () => {};

	constructor(options: Options) {
		this.#options = options;
	}

	async connect(name: string, id: string): Promise<Peer> {
		const { url, origin, timeoutMs } = this.#options;
		const socket = new WebSocket(url, {
			handshakeTimeout: timeoutMs,
			...(origin !== undefined && { origin }),
		});
		const peer: Peer = { name, id, socket };
		this.#peers.push(peer);
		// Listens from the start: a frame may come in the same packet as the handshake's end.
		socket.on("message", (data) => {
			const text = data.toString();
			this.#arrived.push({ peer, text, frame: parse(text), at: performance.now() });
			this.#look();
		});
		socket.on("close", (code, reason) => {
			const words = reason.length > 0 ? `, "${reason}"` : "";
			peer.closed = { how: `the end of ${name}'s connection (code ${code}${words})`, at: performance.now() };
			this.#look();
		});
		await new Promise<void>((resolve, reject) => {
			socket.once("open", resolve);
			socket.once("unexpected-response", (_request, response) => {
				describeRefusal(response, timeoutMs).then(reject, reject);
			});
			// Stays on: an error after the handshake is followed by the end of the connection.
			socket.on("error", (error) => reject(describeFailure(error)));
		});
		return peer;
	}

	send(peer: Peer, frame: Frame): void {
		peer.socket.send(JSON.stringify(frame));
	}

	/**
	 * Waits for a frame to a peer. It passes over other frames, since a room may hold other peers. An error to either peer
	 * counts as the answer.
	 * @param expected the frame, in words
	 */
	receive(peer: Peer, expected: string, matches: (arrived: Arrived) => boolean): Promise<Arrived> {
		return this.#until(expected, (passedOver) => {
			const found = this.#next(peer, expected, passedOver, matches);
			if (found === undefined && peer.closed !== undefined) {
				throw new StepError(expected, describe([...passedOver, peer.closed.how]));
			}
			return found;
		});
	}

	/**
	 * Waits for the server to close a peer's connection.
	 * @returns when it did
	 */
	closed(peer: Peer): Promise<number> {
		const expected = `the end of ${peer.name}'s connection`;
		return this.#until(expected, (passedOver) => {
			this.#next(peer, expected, passedOver, () => false);
			return peer.closed?.at;
		});
	}

	end(): void {
		for (const { socket } of this.#peers) socket.terminate();
	}

	/** @throws StepError if an error comes before a frame that matches */
	#next(
		peer: Peer,
		expected: string,
		passedOver: string[],
		matches: (arrived: Arrived) => boolean,
	): Arrived | undefined {
		for (const arrived of [...this.#arrived]) {
			const { frame, text } = arrived;
			const own = arrived.peer === peer;
			const found = own && matches(arrived);
			if (!found && (isGatewayError(frame) || frame.type === "error")) {
				throw new StepError(expected, `to ${arrived.peer.name}: ${text}`, hintForError(frame));
			}
			if (!own) continue;
			this.#arrived.splice(this.#arrived.indexOf(arrived), 1);
			if (found) return arrived;
			passedOver.push(text);
		}
		return undefined;
	}

	#until<T>(expected: string, probe: (passedOver: string[]) => T | undefined): Promise<T> {
		const { timeoutMs } = this.#options;
		const passedOver: string[] = [];
		return new Promise((resolve, reject) => {
			const finish = (settle: () => void) => {
				clearTimeout(timer);
				this.#look = () => {};
				settle();
			};
			const timer = setTimeout(() => {
				finish(() => reject(new StepError(`${expected} within ${timeoutMs / 1000} s`, describe(passedOver))));
			}, timeoutMs);
			this.#look = () => {
				try {
					const value = probe(passedOver);
					if (value !== undefined) finish(() => resolve(value));
				} catch (error) {
					finish(() => reject(error));
				}
			};
			this.#look();
		});
	}
}

/** A frame that is not a JSON object has no fields, so only its text can match. */
function parse(text: string): Frame {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null ? (value as Frame) : {};
	} catch {
		return {};
	}
}

/** If the function fails, API Gateway answers itself: `{"message":"Internal server error","requestId":…}`. */
function isGatewayError(frame: Frame): boolean {
	return frame.type === undefined && typeof frame.message === "string";
}

function hintForError(frame: Frame): string | undefined {
	if (!isGatewayError(frame)) {
		return frame.retryable === true ? "A dependency of the server failed or throttled. Try again." : undefined;
	}
	if (/forbidden/i.test(String(frame.message))) return "The API has no route for this message: was it deployed?";
	if (/too many|limit/i.test(String(frame.message))) return hintForStatus(429);
	return hintForStatus(500);
}

function hintForStatus(status: number): string {
	if (status === 401) return "The token is missing, wrong or expired: add ?token=<token> to the URL.";
	if (status === 403) {
		return (
			"The server does not take this origin (see the variables allowed_origins and allow_missing_origin, and " +
			"--origin here), or the stage at the end of the URL is wrong or missing."
		);
	}
	if (status === 404) return "There is no WebSocket API at this path: is the URL the output websocket_url?";
	if (status === 429) {
		return "Throttled: see the variables throttling_rate_limit and throttling_burst_limit, or try again in a while.";
	}
	if (status >= 500) {
		return "The function failed. Look at its log: aws logs tail /aws/lambda/<project_name>-<stage> --follow";
	}
	return "This does not look like a signaling server: is the URL the output websocket_url?";
}

/** The server answered the handshake with a refusal. */
async function describeRefusal(response: IncomingMessage, timeoutMs: number): Promise<StepError> {
	const status = response.statusCode ?? 0;
	let body = "";
	const timer = setTimeout(() => response.destroy(), timeoutMs);
	try {
		for await (const chunk of response.setEncoding("utf8")) body += chunk;
	} catch {
		// The status says enough.
	}
	clearTimeout(timer);
	const detail = body.trim().slice(0, 200);
	return new StepError(
		"HTTP 101 (Switching Protocols)",
		`HTTP ${status} ${response.statusMessage ?? ""}${detail === "" ? "" : `: ${detail}`}`,
		hintForStatus(status),
	);
}

/** The server could not be reached at all. */
function describeFailure(error: Error): StepError {
	const code = (error as { code?: unknown }).code;
	// If a name has several addresses, Node.js reports one error for all of them, without a message.
	const came = error.message || String(code);
	const hint =
		code === "ENOTFOUND"
			? "No such host. Is the stack deployed, and is the URL the output websocket_url?"
			: code === "ECONNREFUSED"
				? "Nothing listens there. Is the server running?"
				: undefined;
	return new StepError("a connection", came, hint);
}

function describe(frames: readonly string[]): string {
	return frames.length === 0 ? "nothing" : frames.join("\n            ");
}

interface Timing<T> {
	/** When the step began. @default now */
	readonly since?: number;
	/** When it ended. @default when its promise was fulfilled */
	readonly until?: (value: T) => number;
}

/** Runs steps, and prints each as it ends. */
class Report {
	#passed = 0;
	readonly #startedAt = performance.now();

	async step<T>(title: string, act: () => Promise<T>, timing: Timing<T> = {}): Promise<T> {
		const { since = performance.now(), until = () => performance.now() } = timing;
		const print = (verdict: string, endedAt: number) => {
			const ms = (endedAt - since).toFixed(0).padStart(6);
			console.log(`  ${verdict.padEnd(8)}${title.padEnd(42)}${ms} ms`);
		};
		try {
			const value = await act();
			this.#passed += 1;
			print("ok", until(value));
			return value;
		} catch (error) {
			print("FAILED", performance.now());
			throw error;
		}
	}

	/** `13 steps in 412 ms` */
	passed(): string {
		return `${this.#passed} steps in ${(performance.now() - this.#startedAt).toFixed(0)} ms`;
	}
}

async function converse(options: Options, report: Report): Promise<void> {
	const { room } = options;
	const talk = new Conversation(options);
	const arrival = ({ at }: Arrived) => at;

	const join = (peer: Peer) => {
		talk.send(peer, { type: "join", peerId: peer.id, room });
		return talk.receive(
			peer,
			`bootstrap_peers to ${peer.name}`,
			({ frame }) => frame.type === "bootstrap_peers" && Array.isArray(frame.peers),
		);
	};
	const signal = (from: Peer, to: Peer) => {
		const data = randomBytes(6).toString("hex");
		talk.send(from, { type: "signal", to: to.id, data });
		return talk.receive(
			to,
			`signal to ${to.name} with "data":"${data}" and "from":"${from.id}"`,
			({ frame }) => frame.type === "signal" && frame.data === data && frame.from === from.id,
		);
	};
	const notice = (to: Peer, type: string, about: Peer) =>
		talk.receive(
			to,
			`${type} to ${to.name} about ${about.id}`,
			({ frame }) => frame.type === type && frame.peerId === about.id,
		);

	// Ids that differ in the last digit are each other's nearest, so the two meet in a crowded room as well.
	const stem = randomBytes(20).toString("hex").slice(0, -1);
	try {
		const a = await report.step("A connects", () => talk.connect("A", `${stem}0`));
		const b = await report.step("B connects", () => talk.connect("B", `${stem}1`));

		await report.step("A joins", () => join(a), { until: arrival });
		const joinedAt = performance.now();
		const welcome = await report.step("B joins", () => join(b), { until: arrival });
		await report.step(
			"B is told of A",
			async () => {
				const listed = (welcome.frame.peers as readonly Frame[]).map((peer) => peer.id);
				if (!listed.includes(a.id)) throw new StepError(`a list with ${a.id}`, welcome.text);
			},
			{ since: joinedAt, until: () => welcome.at },
		);
		await report.step("A is told of B", () => notice(a, "peer_joined", b), { since: joinedAt, until: arrival });

		await report.step("A signals B", () => signal(a, b), { until: arrival });
		await report.step("B signals A", () => signal(b, a), { until: arrival });
		await report.step(
			"A signals an absent peer, gets an error",
			() => {
				const to = randomBytes(20).toString("hex");
				talk.send(a, { type: "signal", to, data: "smoke" });
				return talk.receive(
					a,
					"error PEER_NOT_FOUND to A",
					({ frame }) => frame.type === "error" && frame.code === "PEER_NOT_FOUND" && frame.to === to,
				);
			},
			{ until: arrival },
		);
		await report.step(
			"A pings, and gets a pong",
			() => {
				talk.send(a, { type: "ping", timestamp: Date.now() });
				// Match the text: an emulator may leave the variables of API Gateway's template in it, and then it is not JSON.
				return talk.receive(a, "pong to A", ({ text }) => text.startsWith('{"type":"pong"'));
			},
			{ until: arrival },
		);

		const leftAt = performance.now();
		await report.step(
			"B leaves, and is disconnected",
			() => {
				talk.send(b, { type: "leave" });
				return talk.closed(b);
			},
			{ until: (at) => at },
		);
		await report.step("A is told that B left", () => notice(a, "peer_left", b), { since: leftAt, until: arrival });
		await report.step(
			"A leaves, and is disconnected",
			() => {
				talk.send(a, { type: "leave" });
				return talk.closed(a);
			},
			{ until: (at) => at },
		);
	} finally {
		talk.end();
	}
}

async function main(): Promise<void> {
	let options: Options | undefined;
	try {
		options = readOptions(process.argv.slice(2));
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		console.error(`${error.message}\n\n${USAGE}`);
		process.exitCode = 2;
		return;
	}
	if (options === undefined) {
		console.log(USAGE);
		return;
	}

	// Without the query: it may hold a token, and this output is often kept.
	console.log(`${options.url.split("?")[0]}, room ${options.room}\n`);
	const report = new Report();
	try {
		await converse(options, report);
		console.log(`\nPassed: ${report.passed()}.`);
	} catch (error) {
		if (!(error instanceof StepError)) throw error;
		console.log(`\n  expected: ${error.expected}\n  came:     ${error.came}`);
		if (error.hint !== undefined) console.log(`  ${error.hint}`);
		console.log(`\nFailed after ${report.passed()}.`);
		process.exitCode = 1;
	}
}

await main();
