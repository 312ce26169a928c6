/** One socket and one join on it. What becomes of the peer when it ends is the session's concern. */
import type { Environment, Socket } from "../environment.ts";
import { type MeshError, passing } from "../errors.ts";
import { isObject, parseJson } from "../json.ts";
import { JOIN_TIMEOUT_MS, LEAVE_TIMEOUT_MS, MAX_QUEUED_BYTES, RETIRE_MS, TOKEN_TIMEOUT_MS } from "../limits.ts";
import { errorOf, type Frame, retryAfterOf, withoutSecrets } from "./frames.ts";
import type { Preparation } from "./join.ts";
import { createLiveness, type Liveness } from "./liveness.ts";

/**
 * - `preparing`: what it takes is being had, for which the caller may have to give a token
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
	prepare(): Promise<Preparation>;
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

export function openConnection(duties: ConnectionDuties): Connection {
	const { environment, url } = duties;
	/** A query may hold a token. */
	const [where] = url.split("?");
	let stage: Stage = "preparing";
	let socket: Socket | undefined;
	let join: Frame = {};
	let joins = 0;
	let heardAt = 0;
	let liveness: Liveness | undefined;
	let cancelTimer = () => {};
	/** What overtook the welcome. */
	const early: Frame[] = [];

	/** Waits for the next thing to happen, in place of what was awaited before. */
	const wait = (ms: number, callback: () => void) => {
		cancelTimer();
		cancelTimer = environment.timers.after(ms, callback);
	};
	const expect = (what: string, ms = JOIN_TIMEOUT_MS) =>
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
		socket?.close();
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
		expect("No answer to the join");
		write(join);
	};

	/** @returns whether the frame was about the join, or has to wait for its answer */
	const answersJoin = (frame: Frame): boolean => {
		const { type, from } = frame;
		if (stage !== "joining") return false;
		if (from === undefined && type === "bootstrap_peers") {
			stage = "joined";
			cancelTimer();
			liveness = createLiveness({
				timers: environment.timers,
				intervalMs: duties.heartbeatInterval,
				ping: () => write({ type: "ping" }),
				dead: () => end(passing("TIMEOUT", "The server does not answer.")),
			});
			duties.welcomed(connection, frame);
			handOnEarly();
		} else if (from === undefined && (type === "error" || type === undefined)) {
			// Nothing but the join was sent, so every error is about it.
			duties.refused(connection, errorOf(frame), retryAfterOf(frame));
		} else if (type === "go_away") {
			end(passing("CLOSED", "The server goes away."));
		} else {
			early.push(frame);
		}
		return true;
	};

	const open = (preparation: Preparation) => {
		if (stage !== "preparing") return;
		join = preparation.join;
		stage = "opening";
		const failure = `No connection to ${where}`;
		expect(failure);
		try {
			socket = new environment.WebSocket(url, preparation.protocols);
		} catch (cause) {
			return end(passing("CLOSED", failure, { cause }));
		}
		socket.onopen = () => {
			stage = "pausing";
			const ms = duties.pause();
			if (ms > 0) wait(ms, sendJoin);
			else sendJoin();
		};
		socket.onmessage = ({ data }) => {
			if (stage === "ended") return; // `ws` for Node.js still hands on what comes before the other side has closed
			heardAt = environment.timers.now();
			liveness?.heard();
			const received = parseJson(data);
			if (!isObject(received)) return; // e.g. the pong of one emulator
			duties.traffic("in", withoutSecrets(received));
			if (!answersJoin(received)) duties.frame(connection, received);
		};
		// Says nothing that the close after it does not; but `ws` for Node.js throws where nobody listens.
		socket.onerror = () => {};
		socket.onclose = ({ code, reason }) => {
			const what = stage === "opening" ? failure : "The connection ended";
			end(passing("CLOSED", `${what}: ${code} ${reason}`));
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
			return heardAt;
		},
		send(frame) {
			write(frame);
			liveness?.sent();
		},
		joinAgain: (afterMs) => wait(afterMs, sendJoin),
		probe: () => liveness?.probe(),
		retire() {
			liveness?.stop();
			wait(RETIRE_MS, close);
		},
		close,
		leave() {
			return new Promise((resolve) => {
				const done = () => {
					close();
					resolve();
				};
				if (joins === 0 || !isOpen() || socket === undefined) return done();
				write({ type: "leave" });
				stage = "ended";
				liveness?.stop();
				socket.onclose = done;
				wait(LEAVE_TIMEOUT_MS, done);
			});
		},
	};

	expect("No token", TOKEN_TIMEOUT_MS);
	duties.prepare().then(open, (cause) => end(passing("UNAUTHORIZED", "No token.", { cause })));
	return connection;
}
