/** One socket and one join on it. What becomes of the peer when it ends is the session's concern. */
import type { Environment, Socket } from "../environment.ts";
import type { MeshError } from "../errors.ts";
import { JOIN_TIMEOUT_MS, LEAVE_TIMEOUT_MS, MAX_QUEUED_BYTES, RETIRE_MS, TOKEN_TIMEOUT_MS } from "../limits.ts";
import { errorOf, type Frame, passing, readFrame, retryAfterOf, withoutSecrets } from "./frames.ts";
import { createLiveness, type Liveness } from "./liveness.ts";

/**
 * - `preparing`: the frame of the join is being made, for which the caller may have to give a token
 * - `opening`: the socket is
 * - `pausing`: it is open, and the join is to come
 * - `joining`: the join was sent
 * - `joined`: the server has welcomed it
 */
export type Stage = "preparing" | "opening" | "pausing" | "joining" | "joined" | "ended";

export interface Connection {
	readonly stage: Stage;
	/** Whether a frame for another peer can be sent on it now. */
	readonly ready: boolean;
	/** How often the join was sent. */
	readonly joins: number;
	/** When anything last arrived on it, in ms since the epoch. */
	readonly heardAt: number;
	send(frame: Frame): void;
	/** Sends the join again, after so many ms. */
	joinAgain(afterMs: number): void;
	/** Asks the server for a sign of life. */
	probe(): void;
	/** Another has taken its place: it still brings what is on its way, for a while. */
	retire(): void;
	/** Closes it. Nothing more is heard of it. */
	close(): void;
	/** The same, and tells the server. Resolves once the socket is closed, or was given up. */
	leave(): Promise<void>;
}

export interface ConnectionDuties {
	readonly url: string;
	readonly environment: Environment;
	readonly heartbeatInterval: number;
	/** Gives the frame of the join. */
	prepare(): Promise<Frame>;
	/** How long the open socket is to wait with its join, in ms. */
	pause(): number;
	welcomed(connection: Connection, welcome: Frame): void;
	/** The server did not take the join. The session says how it goes on. */
	refused(connection: Connection, error: MeshError, retryAfter: number): void;
	/** Any other frame, once the connection is welcomed. */
	frame(connection: Connection, frame: Frame): void;
	/** It is no more, and this side did not want it so. Comes once. */
	ended(connection: Connection, error: MeshError, stage: Stage): void;
	traffic(direction: "in" | "out", frame: Frame): void;
}

const OPEN = 1;
const nothing = () => {};

export function openConnection(duties: ConnectionDuties): Connection {
	const { environment, url } = duties;
	const { timers } = environment;
	/** A query may hold a token. */
	const [where] = url.split("?");
	let stage: Stage = "preparing";
	let socket: Socket | undefined;
	let join: Frame | undefined;
	let joins = 0;
	let liveness: Liveness | undefined;
	let cancelTimer = nothing;
	/** What overtook the welcome. */
	const early: Frame[] = [];

	/** Waits for the next thing to happen, in place of what was awaited before. */
	const wait = (ms: number, callback: () => void) => {
		cancelTimer();
		cancelTimer = timers.after(ms, callback);
	};
	const expect = (ms: number, what: string) =>
		wait(ms, () => end(passing("TIMEOUT", `${what} within ${ms / 1000} s.`)));

	const isOpen = () => socket?.readyState === OPEN;
	const write = (frame: Frame) => {
		if (!isOpen()) return;
		socket?.send(JSON.stringify(frame));
		duties.traffic("out", withoutSecrets(frame));
	};

	const close = () => {
		stage = "ended";
		cancelTimer();
		liveness?.stop();
		if (socket === undefined) return;
		// `ws` for Node.js reports that a socket was closed while it opened, and throws where nobody listens.
		socket.onerror = socket.onopen = socket.onmessage = socket.onclose = nothing;
		socket.close();
	};
	const handOnEarly = () => {
		for (const frame of early.splice(0)) duties.frame(connection, frame);
	};
	const end = (error: MeshError) => {
		const before = stage;
		if (before === "ended") return;
		close();
		handOnEarly();
		duties.ended(connection, error, before);
	};

	const sendJoin = () => {
		stage = "joining";
		joins++;
		expect(JOIN_TIMEOUT_MS, "The server did not answer the join");
		write(join as Frame);
	};

	/** @returns whether the frame was about the join, or has to wait for its answer */
	const answersJoin = (frame: Frame): boolean => {
		const { type, from } = frame;
		if (stage !== "joining") return false;
		if (from === undefined && type === "bootstrap_peers") {
			stage = "joined";
			cancelTimer();
			liveness = createLiveness({
				timers,
				intervalMs: duties.heartbeatInterval,
				ping: () => write({ type: "ping" }),
				dead: () => end(passing("TIMEOUT", "The server no longer answers.")),
			});
			duties.welcomed(connection, frame);
			handOnEarly();
		} else if (from === undefined && (type === "error" || type === undefined)) {
			// Nothing but the join was sent, so every error is about it.
			duties.refused(connection, errorOf(frame), retryAfterOf(frame));
		} else if (type === "go_away") {
			end(passing("CLOSED", "The server is going away."));
		} else {
			early.push(frame);
		}
		return true;
	};

	const open = (frame: Frame) => {
		if (stage !== "preparing") return;
		join = frame;
		stage = "opening";
		expect(JOIN_TIMEOUT_MS, `No connection to ${where}`);
		try {
			socket = new environment.WebSocket(url);
		} catch (cause) {
			return end(passing("CLOSED", `No connection to ${where}.`, cause));
		}
		socket.onopen = () => {
			stage = "pausing";
			const ms = duties.pause();
			if (ms > 0) wait(ms, sendJoin);
			else sendJoin();
		};
		socket.onmessage = ({ data }) => {
			liveness?.heard();
			const received = readFrame(data);
			if (received === undefined) return;
			duties.traffic("in", withoutSecrets(received));
			if (!answersJoin(received)) duties.frame(connection, received);
		};
		socket.onerror = nothing; // says nothing that the close after it does not
		socket.onclose = ({ code, reason }) => {
			const what = stage === "opening" ? "No connection" : "The connection ended";
			end(passing("CLOSED", `${what}: ${where}, ${code} ${reason}`));
		};
	};

	const connection: Connection = {
		get stage() {
			return stage;
		},
		get ready() {
			return stage === "joined" && isOpen() && (socket?.bufferedAmount ?? 0) < MAX_QUEUED_BYTES;
		},
		get joins() {
			return joins;
		},
		get heardAt() {
			return liveness?.heardAt ?? 0;
		},
		send(frame) {
			write(frame);
			liveness?.sent();
		},
		joinAgain: (afterMs) => wait(afterMs, sendJoin),
		probe: () => liveness?.probe(),
		retire() {
			liveness?.stop();
			wait(RETIRE_MS, () => end(passing("CLOSED", "Another has taken its place.")));
		},
		close,
		leave() {
			const leaving = socket;
			const told = joins > 0 && isOpen();
			if (told) write({ type: "leave" });
			stage = "ended";
			if (leaving === undefined || !told) {
				close();
				return Promise.resolve();
			}
			liveness?.stop();
			return new Promise((resolve) => {
				const done = () => {
					close();
					resolve();
				};
				leaving.onmessage = nothing;
				leaving.onclose = done;
				wait(LEAVE_TIMEOUT_MS, done);
			});
		},
	};

	expect(TOKEN_TIMEOUT_MS, "The token did not come");
	duties.prepare().then(open, (cause: unknown) => {
		end(passing("UNAUTHORIZED", "No token could be had.", cause));
	});
	return connection;
}
