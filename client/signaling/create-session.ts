/**
 * Keeps a peer present on the server, over as many connections as it takes.
 *
 * At any time there is at most one connection that is joined (`current`) and at most one on its way to be (`next`). Both
 * exist while the session rolls over to a new connection; whichever was replaced is heard until it closes. Frames go out
 * on `current` alone, and wait while `next` joins, since the server takes the id from the one as it gives it to the other.
 */
import type { Environment } from "../environment.ts";
import { MeshError } from "../errors.ts";
import { GO_AWAY_SPREAD_MS, JOIN_DEADLINE_MS, LASTING_MS, MAX_JOINS, QUIET_MS } from "../limits.ts";
import { alarm } from "./alarm.ts";
import { backoff, backoffLimit } from "./backoff.ts";
import { createCalls } from "./calls.ts";
import { type Connection, openConnection, type Stage } from "./connection.ts";
import { createDispatch } from "./dispatch.ts";
import { type Frame, peersOf } from "./frames.ts";
import { createGathering } from "./gathering.ts";
import { type Identity, mayJoinAnew, prepareJoin } from "./join.ts";
import { createOutbox } from "./outbox.ts";
import { rollAfter } from "./rollover.ts";
import type { Session, SessionEvents, SessionState } from "./session.ts";

export interface SessionOptions extends Identity {
	readonly url: string;
	/** Silence after which a ping is sent, in ms. */
	readonly heartbeatInterval: number;
}

export function createSession(options: SessionOptions, environment: Environment, events: SessionEvents): Session {
	const { token } = options;
	const { timers, random } = environment;
	let state: SessionState = "new";
	let current: Connection | undefined;
	let next: Connection | undefined;
	let resumeKey: string | undefined;
	let welcomedAt: number | undefined;
	/** Failures in a row, connections that did not last included. */
	let failures = 0;
	/** When a join was lost that the server may have carried out: a connection that is no more may hold our id. */
	let lostJoinAt: number | undefined;
	/** Whether `current` ended when `next` had already joined in its place. */
	let handingOver = false;
	/** Whether the last token was refused, on a reconnect. */
	let tokenRefused = false;
	let lastError: MeshError | undefined;
	let joined: Promise<void> | undefined;
	let resolveJoined = () => {};
	let rejectJoined = (_: MeshError) => {};
	let leaving = Promise.resolve();
	let cancelRetry = () => {};
	let cancelDeadline = () => {};
	let stopWaking = () => {};
	let cancelRoll = () => {};

	/** The connection to send on. Its id may be moving to the next one at this moment. */
	const sender = () => (next?.stage === "pausing" || next?.stage === "joining" ? undefined : current);
	const outbox = createOutbox(environment, sender);
	const calls = createCalls(timers, outbox);
	const gathering = createGathering(timers, (to, frame) => {
		outbox.post({ ...frame, to }, (error) => events.undelivered(to, error));
	});

	const setState = (to: SessionState) => {
		if (state === to) return;
		state = to;
		events.state(to);
	};

	const closed = () => new MeshError("CLOSED", "The mesh was left.");

	/** Ends everything, and tells the server. */
	const end = (error: MeshError) => {
		cancelRetry();
		cancelDeadline();
		stopWaking();
		cancelRoll();
		leaving = Promise.all([next?.leave(), current?.leave()]).then(() => {});
		next = current = undefined;
		setState("left");
		outbox.end(closed());
		gathering.end();
		rejectJoined(error);
	};

	/** The server will not have us, or somebody else is us. */
	const giveUp = (error: MeshError) => {
		if (state === "left") return;
		end(error);
		events.error(error);
	};

	const connect = () => {
		cancelRetry();
		if (next !== undefined || state === "left") return;
		handingOver = false;
		next = openConnection({
			...options,
			environment,
			prepare: () => prepareJoin(options, resumeKey),
			pause: () => (current === undefined ? 0 : outbox.sentAt + QUIET_MS - timers.now()),
			welcomed,
			refused,
			frame: (connection, frame) => state !== "left" && dispatch(connection, frame),
			ended,
			traffic: events.traffic,
		});
	};

	const connectIn = (ms: number) => {
		cancelRetry();
		cancelRetry = timers.after(ms, connect);
	};

	/** A connection that lasted makes up for the failures before it. */
	const judge = () => {
		const lasted = welcomedAt !== undefined && timers.now() - welcomedAt >= LASTING_MS;
		failures = lasted ? 0 : failures + 1;
	};

	const ended = (connection: Connection, error: MeshError, stage: Stage) => {
		if (connection === current) lost(connection, error);
		else if (connection === next) failed(error, stage);
		// Else it was replaced, and its end is no loss.
	};

	const lost = (connection: Connection, error: MeshError) => {
		current = undefined;
		cancelRoll();
		judge();
		if (next === undefined) connectIn(backoff(failures, random));
		outbox.lost(connection);
		handingOver = next?.stage === "joining";
		if (!handingOver) setState("reconnecting");
		events.error(error);
	};

	/** The connection that was to be the next one is none. @param waitMs how long the server wants to be left alone */
	const failed = (error: MeshError, stage: Stage, waitMs = 0) => {
		next = undefined;
		lastError = error;
		// At first somebody waits who can be told; later nobody is, and the next try may do better.
		if (stage === "preparing" && welcomedAt === undefined) return giveUp(error);
		if (stage === "joining") lostJoinAt ??= timers.now();
		connectIn(Math.max(waitMs, backoff(failures++, random)));
		if (current === undefined && welcomedAt !== undefined) setState("reconnecting");
		outbox.flush();
		events.error(error);
	};

	const refused = (connection: Connection, error: MeshError, retryAfter: number) => {
		const wait = retryAfter + (error.retryable ? backoff(connection.joins, random) : 0);
		// On the same connection, because a join that was carried out in part goes on there.
		if (error.retryable && connection.joins < MAX_JOINS) return connection.joinAgain(wait);

		const history = {
			welcomed: welcomedAt !== undefined,
			lostJoinAge: lostJoinAt && timers.now() - lostJoinAt,
			freshToken: typeof token === "function" && !tokenRefused,
		};
		if (!mayJoinAnew(error, history)) return giveUp(error);
		tokenRefused = error.code === "UNAUTHORIZED";
		connection.close();
		failed(error, error.retryable ? "joining" : "ended", wait);
	};

	const welcomed = (connection: Connection, frame: Frame) => {
		const before = current;
		const resumed = before !== undefined || handingOver;
		if (before !== undefined) {
			judge();
			before.retire();
		}
		current = connection;
		next = undefined;
		handingOver = tokenRefused = false;
		lostJoinAt = undefined;
		welcomedAt = timers.now();
		cancelDeadline();
		remember(frame);
		setState("joined");
		const { iceServers } = frame;
		events.welcome({ peers: peersOf(frame), iceServers: Array.isArray(iceServers) ? iceServers : undefined }, resumed);
		resolveJoined();
		outbox.flush();
	};

	const remember = (frame: Frame) => {
		const { reconnectBefore } = frame;
		if (typeof frame.resumeKey === "string") resumeKey = frame.resumeKey;
		cancelRoll();
		if (typeof reconnectBefore !== "number") return;
		const leastMs = failures === 0 ? 0 : backoffLimit(failures);
		cancelRoll = alarm(timers, Math.max(leastMs, rollAfter(environment, reconnectBefore)), connect);
	};

	const dispatch = createDispatch({
		events,
		outbox,
		calls,
		welcomedAgain: (connection, frame) => connection === current && remember(frame),
		// The one that is being replaced hears that it is.
		goAway: (connection) => connection === current && next === undefined && connectIn(random() * GO_AWAY_SPREAD_MS),
		// While a join of ours is under way, it is what took the id.
		replaced: (connection, error) => connection === current && next?.stage !== "joining" && giveUp(error),
		outlawed(connection, error) {
			if (error.code === "UNAUTHORIZED" && typeof token !== "function") return giveUp(error);
			if (connection !== current) return;
			connection.close();
			lost(connection, error);
		},
	});

	const wake = () => {
		if (current !== undefined) current.probe();
		else connect();
	};

	return {
		get state() {
			return state;
		},

		join() {
			if (joined !== undefined) return joined;
			if (state === "left") return Promise.reject(closed());
			joined = new Promise((resolve, reject) => {
				resolveJoined = resolve;
				rejectJoined = reject;
			});
			cancelDeadline = timers.after(JOIN_DEADLINE_MS, () =>
				giveUp(new MeshError("TIMEOUT", "Not joined in time.", { cause: lastError })),
			);
			stopWaking = environment.onWake(wake);
			setState("joining");
			connect();
			return joined;
		},

		leave() {
			if (state !== "left") end(closed());
			return leaving;
		},

		send: gathering.send,

		probe() {
			if (state === "joined" || state === "reconnecting") wake();
		},

		findPeers: calls.findPeers,
	};
}
