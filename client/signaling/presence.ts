/**
 * One stay of a peer on the server, from a join to its end, over as many connections as it takes.
 *
 * At any time at most one connection is joined (`current`) and at most one is about to be (`next`). Both exist while the
 * presence rolls over to a new connection; the one that was replaced is heard until it closes. Frames go out on `current`
 * only. They wait while `next` joins, because the server moves the id from one connection to the other at that moment.
 */
import type { Emitter } from "../emitter.ts";
import type { Environment } from "../environment.ts";
import { left, MeshError } from "../errors.ts";
import { GO_AWAY_SPREAD_MS, JOIN_DEADLINE_MS, LASTING_MS, MAX_JOINS, QUIET_MS } from "../limits.ts";
import { alarm } from "./alarm.ts";
import { backoff, backoffLimit } from "./backoff.ts";
import { type Calls, createCalls } from "./calls.ts";
import { Connection, type Stage } from "./connection.ts";
import { createDispatch } from "./dispatch.ts";
import { type Frame, peersOf } from "./frames.ts";
import { createGathering, type Gathering } from "./gathering.ts";
import { type Identity, mayJoinAgain, prepareJoin } from "./join.ts";
import { Outbox } from "./outbox.ts";
import { rollAfter } from "./rollover.ts";
import type { SessionEvents, SessionState } from "./session.ts";

export interface SessionOptions extends Identity {
	readonly url: string;
	/** Silence after which a ping is sent, in ms. */
	readonly heartbeatInterval: number;
}

type Place =
	/** An earlier stay is still closing its connection. */
	| { readonly is: "waiting" }
	/** No connection is joined. */
	| { readonly is: "away"; readonly next: Connection | undefined }
	| { readonly is: "present"; readonly current: Connection; readonly next: Connection | undefined }
	/** `current` ended after `next` had sent its join: the server may have moved the id to `next`. */
	| { readonly is: "moving"; readonly next: Connection }
	| { readonly is: "left" };

export class Presence {
	/** Settles with the first join. */
	readonly joined: Promise<void>;
	readonly calls: Calls;
	readonly gathering: Gathering;
	readonly #options: SessionOptions;
	readonly #environment: Environment;
	readonly #emit: Emitter<SessionEvents>["emit"];
	readonly #outbox: Outbox;
	readonly #dispatch: (connection: Connection, frame: Frame) => void;
	#place: Place = { is: "waiting" };
	#state: SessionState = "new";
	#resumeKey: string | undefined;
	#welcomedAt: number | undefined;
	/** Failures in a row. A connection that did not last is one, too. */
	#failures = 0;
	/** When a join was lost that the server may have carried out: a connection that has ended may still hold our id. */
	#lostJoinAt: number | undefined;
	/** Whether the last token was refused, on a reconnect. */
	#tokenRefused = false;
	#lastError: MeshError | undefined;
	#resolveJoined = () => {};
	#rejectJoined = (_: MeshError) => {};
	#closing = Promise.resolve();
	#cancelRetry = () => {};
	#cancelDeadline = () => {};
	#stopWaking = () => {};
	#cancelRoll = () => {};

	/** @param resumeKey of an earlier stay, if that had one: the server may not have noticed its end */
	constructor(
		options: SessionOptions,
		environment: Environment,
		emit: Emitter<SessionEvents>["emit"],
		resumeKey?: string,
	) {
		this.#options = options;
		this.#environment = environment;
		this.#emit = emit;
		this.#resumeKey = resumeKey;
		this.joined = new Promise((resolve, reject) => {
			this.#resolveJoined = resolve;
			this.#rejectJoined = reject;
		});
		this.joined.catch(() => {}); // a caller that ignores `join` must not end a Node.js program
		this.#outbox = new Outbox(environment, () => this.#sender());
		this.calls = createCalls(environment.timers, this.#outbox);
		this.gathering = createGathering(environment.timers, (to, frame) => {
			this.#outbox.post({ ...frame, to }, (error) => emit("undelivered", to, error));
		});
		this.#dispatch = createDispatch({
			emit,
			outbox: this.#outbox,
			calls: this.calls,
			welcomedAgain: (connection, frame) => connection === this.#current && this.#remember(frame),
			goAway: (connection) => this.#goAway(connection),
			replaced: (connection, error) => this.#replaced(connection, error),
			outlawed: (connection, error) => this.#outlawed(connection, error),
		});
	}

	get state(): SessionState {
		return this.#state;
	}

	get resumeKey(): string | undefined {
		return this.#resumeKey;
	}

	/** @param after the end of an earlier stay, if there was one */
	start(after?: Promise<void>): void {
		const { timers, onWake } = this.#environment;
		this.#cancelDeadline = timers.after(JOIN_DEADLINE_MS, () =>
			this.#giveUp(new MeshError("TIMEOUT", "Not joined in time.", { cause: this.#lastError })),
		);
		this.#stopWaking = onWake(() => this.#wake());
		this.#setState("joining");
		const begin = () => {
			if (this.#place.is !== "waiting") return;
			this.#place = { is: "away", next: undefined };
			this.#connect();
		};
		if (after === undefined) begin();
		else {
			this.#closing = after;
			void after.then(begin);
		}
	}

	/**
	 * Ends everything, and tells the server. Resolves once the connections are closed.
	 * @param now whether to close them without waiting for the server
	 */
	end(error: MeshError = left(), now = false): Promise<void> {
		if (this.#place.is === "left") return this.#closing;
		this.#cancelRetry();
		this.#cancelDeadline();
		this.#stopWaking();
		this.#cancelRoll();
		const ending = [this.#closing, this.#next?.leave(now), this.#current?.leave(now)];
		this.#closing = Promise.all(ending).then(() => {});
		this.#place = { is: "left" };
		this.#setState("left");
		this.#outbox.end(left());
		this.gathering.end();
		this.#rejectJoined(error);
		return this.#closing;
	}

	/** Finds out now whether the connection is alive; or connects without further delay. */
	probe(): void {
		if (this.#state === "joined" || this.#state === "reconnecting") this.#wake();
	}

	#wake() {
		if (this.#current !== undefined) this.#current.probe();
		else this.#connect();
	}

	get #current(): Connection | undefined {
		return this.#place.is === "present" ? this.#place.current : undefined;
	}

	get #next(): Connection | undefined {
		return "next" in this.#place ? this.#place.next : undefined;
	}

	/** The connection to send on. Its id may be moving to the next one at this moment. */
	#sender(): Connection | undefined {
		const stage = this.#next?.stage;
		return stage === "pausing" || stage === "joining" ? undefined : this.#current;
	}

	#setState(state: SessionState) {
		if (this.#state === state) return;
		this.#state = state;
		this.#emit("state", state);
	}

	/** The server will not have us, or another client has our id. */
	#giveUp(error: MeshError) {
		if (this.#place.is === "left") return;
		void this.end(error);
		this.#emit("error", error);
	}

	#connect() {
		this.#cancelRetry();
		const place = this.#place;
		if ((place.is !== "away" && place.is !== "present") || place.next !== undefined) return;
		const next = new Connection({
			...this.#options,
			environment: this.#environment,
			prepare: () => prepareJoin(this.#options, this.#resumeKey),
			pause: () => {
				const quietAt = this.#outbox.sentAt + QUIET_MS;
				return this.#current === undefined ? 0 : quietAt - this.#environment.timers.elapsed();
			},
			welcomed: (connection, frame) => this.#welcomed(connection, frame),
			refused: (connection, error, retryAfter) => this.#refused(connection, error, retryAfter),
			frame: (connection, frame) => this.#place.is !== "left" && this.#dispatch(connection, frame),
			ended: (connection, error, stage) => {
				if (connection === this.#current) this.#lost(connection, error);
				else if (connection === this.#next) this.#failed(error, stage);
				// Else the connection was replaced, and its end is no loss.
			},
			traffic: (direction, frame) => this.#emit("traffic", direction, frame),
		});
		this.#place = { ...place, next };
	}

	#connectIn(ms: number) {
		this.#cancelRetry();
		this.#cancelRetry = this.#environment.timers.after(ms, () => this.#connect());
	}

	#backoff(failures: number): number {
		return backoff(failures, this.#environment.random);
	}

	#elapsed(): number {
		return this.#environment.timers.elapsed();
	}

	/** A connection that lasted makes up for the failures before it. */
	#judge() {
		const lasted = this.#welcomedAt !== undefined && this.#elapsed() - this.#welcomedAt >= LASTING_MS;
		this.#failures = lasted ? 0 : this.#failures + 1;
	}

	/** The joined connection ended. */
	#lost(connection: Connection, error: MeshError) {
		const next = this.#next;
		const moving = next?.stage === "joining";
		this.#place = moving ? { is: "moving", next } : { is: "away", next };
		this.#cancelRoll();
		this.#judge();
		if (next === undefined) this.#connectIn(this.#backoff(this.#failures));
		this.#outbox.lost(connection);
		if (!moving) this.#setState("reconnecting");
		this.#emit("error", error);
	}

	/** The next connection did not join. @param waitMs the pause that the server asks for */
	#failed(error: MeshError, stage: Stage, waitMs = 0) {
		const current = this.#current;
		this.#place = current === undefined ? { is: "away", next: undefined } : { is: "present", current, next: undefined };
		this.#lastError = error;
		const first = this.#welcomedAt === undefined;
		// A caller awaits the first join, and is told at once. Later there is no such caller, and the next try may succeed.
		if (stage === "preparing" && first) return this.#giveUp(error);
		if (stage === "joining") this.#lostJoinAt ??= this.#elapsed();
		this.#connectIn(Math.max(waitMs, this.#backoff(this.#failures++)));
		if (current === undefined && !first) this.#setState("reconnecting");
		this.#outbox.flush();
		this.#emit("error", error);
	}

	#refused(connection: Connection, error: MeshError, retryAfter: number) {
		const wait = retryAfter + (error.retryable ? this.#backoff(connection.joins) : 0);
		// On the same connection, because a join that was carried out in part continues there.
		if (error.retryable && connection.joins < MAX_JOINS) return connection.joinAgain(wait);

		const lostJoinAt = this.#lostJoinAt;
		const history = {
			welcomed: this.#welcomedAt !== undefined,
			lostJoinAge: lostJoinAt === undefined ? undefined : this.#elapsed() - lostJoinAt,
			freshToken: typeof this.#options.token === "function" && !this.#tokenRefused,
		};
		if (!mayJoinAgain(error, history)) return this.#giveUp(error);
		this.#tokenRefused = error.code === "UNAUTHORIZED";
		connection.close();
		this.#failed(error, error.retryable ? "joining" : "ended", wait);
	}

	#welcomed(connection: Connection, frame: Frame) {
		const before = this.#current;
		const resumed = this.#place.is !== "away";
		if (before !== undefined) {
			this.#judge();
			before.retire();
		}
		this.#place = { is: "present", current: connection, next: undefined };
		this.#tokenRefused = false;
		this.#lostJoinAt = undefined;
		this.#welcomedAt = this.#elapsed();
		this.#cancelDeadline();
		this.#remember(frame);
		this.#setState("joined");
		const iceServers = Array.isArray(frame.iceServers) ? frame.iceServers : undefined;
		this.#emit("welcome", { peers: peersOf(frame), iceServers }, resumed);
		this.#resolveJoined();
		this.#outbox.flush();
	}

	/** Takes from a welcome what the next connection needs. */
	#remember(frame: Frame) {
		if (typeof frame.resumeKey === "string") this.#resumeKey = frame.resumeKey;
		this.#cancelRoll();
		const ms = rollAfter(this.#environment, frame);
		if (ms === undefined) return;
		const leastMs = this.#failures === 0 ? 0 : backoffLimit(this.#failures);
		this.#cancelRoll = alarm(this.#environment.timers, Math.max(leastMs, ms), () => this.#connect());
	}

	/** The connection that is being replaced hears this, too. */
	#goAway(connection: Connection) {
		if (connection !== this.#current || this.#next !== undefined) return;
		this.#connectIn(this.#environment.random() * GO_AWAY_SPREAD_MS);
	}

	/** Another client has our id, unless a join of ours is under way: then our own join took it. */
	#replaced(connection: Connection, error: MeshError) {
		if (connection === this.#current && this.#next?.stage !== "joining") this.#giveUp(error);
	}

	/** The connection is not ours any more, through no fault of ours. */
	#outlawed(connection: Connection, error: MeshError) {
		if (error.code === "UNAUTHORIZED" && typeof this.#options.token !== "function") return this.#giveUp(error);
		if (connection !== this.#current) return;
		connection.close();
		this.#lost(connection, error);
	}
}
