import { randomBytes } from "node:crypto";
import WebSocket from "ws";
import { type Frame, isGatewayError, parseFrame, shown } from "./frames.ts";
import { describeFailure, describeRefusal, hintForError } from "./hints.ts";
import { StepError } from "./step-error.ts";

export interface ConversationOptions {
	readonly url: string;
	readonly origin: string | undefined;
	/** How long each step may take, in ms. */
	readonly timeoutMs: number;
}

export interface Peer {
	readonly name: string;
	readonly id: string;
	/** What it tells as the hash of its public key. */
	readonly identity: string;
	readonly socket: WebSocket;
	/** How its connection ended. */
	closed?: { readonly how: string; readonly at: number };
}

export interface Arrived {
	readonly peer: Peer;
	readonly text: string;
	readonly frame: Frame;
	/** By `performance.now()`, like all times here. */
	readonly at: number;
}

/** The peers' connections. Frames are kept until a step waits for them, and only one step waits at a time. */
export class Conversation {
	readonly #options: ConversationOptions;
	readonly #peers: Peer[] = [];
	readonly #arrived: Arrived[] = [];
	#look = () => {};

	constructor(options: ConversationOptions) {
		this.#options = options;
	}

	/** @throws StepError if the handshake is refused, or the server cannot be reached */
	async connect(name: string, id: string): Promise<Peer> {
		const { url, origin, timeoutMs } = this.#options;
		const socket = new WebSocket(url, {
			handshakeTimeout: timeoutMs,
			...(origin !== undefined && { origin }),
		});
		const peer: Peer = { name, id, identity: randomBytes(20).toString("hex"), socket };
		this.#peers.push(peer);
		// Listens from the start: a frame may come in the same packet as the handshake's end.
		socket.on("message", (data) => {
			const text = data.toString();
			this.#arrived.push({ peer, text, frame: parseFrame(text), at: performance.now() });
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
				throw new StepError(expected, `to ${arrived.peer.name}: ${shown(text)}`, hintForError(frame));
			}
			if (!own) continue;
			this.#arrived.splice(this.#arrived.indexOf(arrived), 1);
			if (found) return arrived;
			passedOver.push(shown(text));
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

function describe(frames: readonly string[]): string {
	return frames.length === 0 ? "nothing" : frames.join("\n            ");
}
