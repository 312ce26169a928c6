/** One socket and one join on it. The presence (presence.ts) decides how to go on when the socket ends. */
import type { Environment, Socket } from "../environment.ts";
import { type MeshError, passing } from "../errors.ts";
import { isObject, parseJson } from "../json.ts";
import { JOIN_TIMEOUT_MS, LEAVE_TIMEOUT_MS, MAX_QUEUED_BYTES, RETIRE_MS, TOKEN_TIMEOUT_MS } from "../limits.ts";
import { errorOf, type Frame, retryAfterOf, withoutSecrets } from "./frames.ts";
import type { Identity, Preparation } from "./join.ts";
import { createLiveness, type Liveness } from "./liveness.ts";

/**
 * - `preparing`: the token is being fetched
 * - `opening`: the socket is opening
 * - `pausing`: the socket is open, and waits with its join
 * - `joining`: the join was sent
 * - `joined`: the server has welcomed it
 */
export type Stage = "preparing" | "opening" | "pausing" | "joining" | "joined" | "ended";

export interface ConnectionDuties {
	readonly url: string;
	readonly environment: Environment;
	/** Silence after which a ping is sent, in ms. */
	readonly heartbeatInterval: number;
	readonly identity?: Identity["identity"];
	prepare(): Promise<Preparation>;
	/** How long the open socket waits with its join, in ms. */
	pause(): number;
	welcomed(connection: Connection, welcome: Frame): void;
	/** The server did not take the join. The presence decides how to go on. */
	refused(connection: Connection, error: MeshError, retryAfter: number): void;
	/** Any other frame, once the connection is welcomed. */
	frame(connection: Connection, frame: Frame): void;
	/** The connection ended, and this side did not close it. Comes once. */
	ended(connection: Connection, error: MeshError, stage: Stage): void;
	traffic(direction: "in" | "out", frame: Frame): void;
}

const OPEN = 1;

export class Connection {
	readonly #duties: ConnectionDuties;
	#stage: Stage = "preparing";
	#socket: Socket | undefined;
	#join: Frame = {};
	#joins = 0;
	#heardAt = 0;
	#liveness: Liveness | undefined;
	#cancelTimer = () => {};
	/** Frames that overtook the welcome. */
	readonly #early: Frame[] = [];

	constructor(duties: ConnectionDuties) {
		this.#duties = duties;
		this.#expect("No token", TOKEN_TIMEOUT_MS);
		duties.prepare().then(
			(preparation) => this.#open(preparation),
			(cause) => this.#end(passing("UNAUTHORIZED", "No token.", { cause })),
		);
	}

	get stage(): Stage {
		return this.#stage;
	}

	/** Whether a frame for another peer can be sent on it now. */
	get ready(): boolean {
		return this.#stage === "joined" && this.#isOpen() && (this.#socket?.bufferedAmount ?? 0) < MAX_QUEUED_BYTES;
	}

	/** How often the join was sent. */
	get joins(): number {
		return this.#joins;
	}

	/** When anything last arrived on it, by `Timers.elapsed`. */
	get heardAt(): number {
		return this.#heardAt;
	}

	send(frame: Frame): void {
		this.#write(frame);
		this.#liveness?.sent();
	}

	/** Sends the join again, after so many ms. */
	joinAgain(afterMs: number): void {
		this.#wait(afterMs, () => this.#sendJoin());
	}

	/** Asks the server for a sign of life. */
	probe(): void {
		this.#liveness?.probe();
	}

	/** Another connection has taken its place. It still delivers frames that are on their way, for a while. */
	retire(): void {
		this.#liveness?.stop();
		this.#wait(RETIRE_MS, () => this.close());
	}

	/** Closes it. It calls none of its duties again. */
	close(): void {
		this.#stage = "ended";
		this.#cancelTimer();
		this.#liveness?.stop();
		this.#socket?.close();
	}

	/**
	 * Tells the server, and closes. Resolves once the socket is closed, or the server takes too long to close it.
	 * @param now whether to close it without waiting for the server
	 */
	leave(now = false): Promise<void> {
		return new Promise((resolve) => {
			const done = () => {
				this.close();
				resolve();
			};
			if (this.#joins === 0 || !this.#isOpen() || this.#socket === undefined) return done();
			this.#write({ type: "leave" });
			this.#stage = "ended";
			this.#liveness?.stop();
			if (now) return done();
			this.#socket.onclose = done;
			this.#wait(LEAVE_TIMEOUT_MS, done);
		});
	}

	/** Waits for the next event, in place of the one that it waited for before. */
	#wait(ms: number, callback: () => void) {
		this.#cancelTimer();
		this.#cancelTimer = this.#duties.environment.timers.after(ms, callback);
	}

	#expect(what: string, ms = JOIN_TIMEOUT_MS) {
		this.#wait(ms, () => this.#end(passing("TIMEOUT", `${what} within ${ms / 1000} s.`)));
	}

	#isOpen(): boolean {
		return this.#socket?.readyState === OPEN;
	}

	#write(frame: Frame) {
		if (!this.#isOpen()) return;
		this.#socket?.send(JSON.stringify(frame));
		this.#duties.traffic("out", withoutSecrets(frame));
	}

	#handOnEarly() {
		for (const frame of this.#early.splice(0)) this.#duties.frame(this, frame);
	}

	#end(error: MeshError) {
		const before = this.#stage;
		if (before === "ended") return;
		this.close();
		this.#handOnEarly();
		this.#duties.ended(this, error, before);
	}

	#open({ join, protocols }: Preparation) {
		if (this.#stage !== "preparing") return;
		const { environment, url } = this.#duties;
		this.#join = join;
		this.#stage = "opening";
		// A query may hold a token, so the message leaves it out.
		const failure = `No connection to ${url.split("?")[0]}`;
		this.#expect(failure);
		let socket: Socket;
		try {
			socket = new environment.WebSocket(url, protocols);
		} catch (cause) {
			return this.#end(passing("CLOSED", failure, { cause }));
		}
		this.#socket = socket;
		socket.onopen = () => this.#opened();
		socket.onmessage = ({ data }) => this.#receive(data);
		// The close that follows says the same; but `ws` for Node.js throws an error that has no listener.
		socket.onerror = () => {};
		socket.onclose = ({ code, reason }) => {
			const what = this.#stage === "opening" ? failure : "The connection ended";
			this.#end(passing("CLOSED", `${what}: ${code} ${reason}`));
		};
	}

	#opened() {
		this.#stage = "pausing";
		const { identity } = this.#duties;
		if (identity === undefined) return this.#pause();
		const complete = ({ key }: { readonly key?: string }) => {
			this.#join = { ...this.#join, identity: key };
			this.#pause();
		};
		identity.then(complete, complete);
	}

	#pause() {
		if (this.#stage !== "pausing") return;
		const ms = this.#duties.pause();
		if (ms > 0) this.#wait(ms, () => this.#sendJoin());
		else this.#sendJoin();
	}

	#sendJoin() {
		this.#stage = "joining";
		this.#joins++;
		this.#expect("No answer to the join");
		this.#write(this.#join);
	}

	#receive(data: unknown) {
		if (this.#stage === "ended") return; // `ws` for Node.js delivers frames until the other side has closed, too
		this.#heardAt = this.#duties.environment.timers.elapsed();
		this.#liveness?.heard();
		const received = parseJson(data);
		if (!isObject(received)) return; // e.g. the pong of one emulator
		this.#duties.traffic("in", withoutSecrets(received));
		if (this.#stage === "joining") this.#receiveAnswer(received);
		else this.#duties.frame(this, received);
	}

	/** Takes a frame that may answer the join. Any other frame waits for the answer. */
	#receiveAnswer(frame: Frame) {
		const { type, from } = frame;
		if (from === undefined && type === "bootstrap_peers") this.#welcomed(frame);
		else if (from === undefined && (type === "error" || type === undefined)) {
			// The join is the only frame that was sent, so every error is about it.
			this.#duties.refused(this, errorOf(frame), retryAfterOf(frame));
		} else if (type === "go_away") this.#end(passing("CLOSED", "The server goes away."));
		else this.#early.push(frame);
	}

	#welcomed(frame: Frame) {
		const { environment, heartbeatInterval } = this.#duties;
		this.#stage = "joined";
		this.#cancelTimer();
		this.#liveness = createLiveness({
			timers: environment.timers,
			intervalMs: heartbeatInterval,
			ping: () => this.#write({ type: "ping" }),
			dead: () => this.#end(passing("TIMEOUT", "The server does not answer.")),
		});
		this.#duties.welcomed(this, frame);
		this.#handOnEarly();
	}
}
