/**
 * Frames on their way to the server, until it is too late for the server to refuse them. No frame is lost in silence: it
 * is given to a connection, or its sender is told.
 *
 * A frame is sent twice if it is uncertain whether it arrived. That is harmless: descriptions are numbered, and a candidate
 * may come twice. The server's errors name the `id` of the frame.
 */
import type { Environment } from "../environment.ts";
import { full, type MeshError, passing } from "../errors.ts";
import { BUSY_MS, DOUBT_MS, MAX_QUEUED_BYTES, MAX_QUEUED_MS, MAX_SENDS, PACE_MS, SENT_MEMORY_MS } from "../limits.ts";
import { backoff } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { type Frame, sizeOf } from "./frames.ts";

interface Entry {
	readonly id: number;
	readonly frame: Frame;
	readonly bytes: number;
	readonly since: number;
	readonly failed: (error: MeshError) => void;
	/** It is not sent (again) before this time. */
	notBefore: number;
	sends: number;
	sentAt: number;
	via?: Connection;
	/** The last refusal. */
	refusal?: MeshError;
}

/** All times are by `Timers.elapsed`. */
export class Outbox {
	readonly #environment: Environment;
	readonly #connection: () => Connection | undefined;
	#lastId = 0;
	#queue: Entry[] = [];
	#queuedBytes = 0;
	/** Frames that were sent and may still be refused, oldest first. */
	readonly #sent = new Map<unknown, Entry>();
	#sentAt = Number.NEGATIVE_INFINITY;
	/** After a `RATE_LIMITED`: nothing is sent before this time, and then not more often than `pace`, in ms. */
	#resumeAt = 0;
	#pace = 0;
	#cancelTimer = () => {};
	/** Why nothing is sent any more. */
	#over: MeshError | undefined;

	/** @param connection gives the connection to send on, if there is one */
	constructor(environment: Environment, connection: () => Connection | undefined) {
		this.#environment = environment;
		this.#connection = connection;
	}

	/** When a frame was last given to a connection. */
	get sentAt(): number {
		return this.#sentAt;
	}

	/**
	 * Sends a frame, now or as soon as possible.
	 * @param failed is told if the frame is refused for good or cannot be sent; not before `post` has returned
	 * @returns its id
	 */
	post(content: Frame, failed: (error: MeshError) => void): number {
		const id = ++this.#lastId;
		const frame = { ...content, id };
		const since = this.#now();
		this.#enqueue({ id, frame, bytes: sizeOf(frame), since, failed, notBefore: 0, sends: 0, sentAt: 0 });
		this.flush();
		return id;
	}

	/** The frame was answered: it is not sent again. */
	settle(id: number): void {
		this.#sent.delete(id);
		for (const entry of this.#queue.filter((other) => other.id === id)) this.#drop(entry);
	}

	/** Sends every frame that may be sent now. To be called when a connection has become ready. */
	flush(): void {
		this.#cancelTimer();
		this.#forgetOld();
		const now = this.#now();
		const via = this.#connection();
		let next = now + MAX_QUEUED_MS;
		for (const entry of this.#queue) {
			const late = entry.since + MAX_QUEUED_MS;
			const at = Math.max(entry.notBefore, this.#resumeAt, this.#sentAt + this.#pace);
			if (late <= now) {
				this.#drop(entry);
				this.#fail(entry, entry.refusal ?? passing("TIMEOUT", "Not sent in time."));
			} else if (at <= now && via?.ready) this.#give(entry, via);
			else next = Math.min(next, late, via === undefined ? late : Math.max(at, now + BUSY_MS * Number(at <= now)));
		}
		if (this.#queue.length === 0) this.#pace = 0;
		else this.#cancelTimer = this.#environment.timers.after(next - now, () => this.flush());
	}

	/** @returns whether the refused frame was sent from here */
	refused(id: unknown, error: MeshError, retryAfter: number): boolean {
		const entry = this.#sent.get(id);
		if (entry === undefined) return false;
		const slower = error.code === "RATE_LIMITED";
		if (!error.retryable || (!slower && entry.sends >= MAX_SENDS)) {
			this.#sent.delete(id);
			this.#fail(entry, error);
			return true;
		}
		entry.refusal = error;
		// The server would refuse every other frame, too, and cuts off a client that keeps sending.
		if (slower) {
			this.#resumeAt = this.#now() + retryAfter;
			this.#pace = PACE_MS;
		}
		this.#again(entry, retryAfter + (slower ? 0 : backoff(entry.sends, this.#environment.random)));
		this.flush();
		return true;
	}

	/** A connection was lost: the frames that were sent on it last may not have arrived. */
	lost(connection: Connection): void {
		for (const entry of this.#sent.values()) {
			// A frame without a receiver is a question, and it was not answered.
			const doubtful = entry.sentAt >= connection.heardAt - DOUBT_MS || entry.frame.to === undefined;
			if (entry.via === connection && doubtful) this.#again(entry, 0);
		}
		this.flush();
	}

	/** Nothing will be sent any more. */
	end(error: MeshError): void {
		this.#over = error;
		for (const entry of this.#queue) this.#fail(entry, error);
		for (const entry of this.#sent.values()) if (entry.frame.to === undefined) this.#fail(entry, error);
		this.#queue = [];
		this.#sent.clear();
		this.#cancelTimer();
	}

	#now(): number {
		return this.#environment.timers.elapsed();
	}

	/** The sender is not called back before its own call has returned. */
	#fail({ failed }: Entry, error: MeshError) {
		queueMicrotask(() => failed(error));
	}

	#drop(entry: Entry) {
		this.#queue = this.#queue.filter((other) => other !== entry);
		this.#queuedBytes -= entry.bytes;
	}

	#enqueue(entry: Entry) {
		if (this.#over !== undefined) return this.#fail(entry, this.#over);
		this.#queue.push(entry);
		this.#queuedBytes += entry.bytes;
		for (let [oldest] = this.#queue; oldest && this.#queuedBytes > MAX_QUEUED_BYTES; [oldest] = this.#queue) {
			this.#drop(oldest);
			this.#fail(oldest, full());
		}
	}

	#again(entry: Entry, afterMs: number) {
		this.#sent.delete(entry.id);
		entry.notBefore = this.#now() + afterMs;
		this.#enqueue(entry);
	}

	#give(entry: Entry, via: Connection) {
		this.#drop(entry);
		entry.sends++;
		entry.via = via;
		entry.sentAt = this.#sentAt = this.#now();
		this.#sent.set(entry.id, entry);
		via.send(entry.frame);
	}

	#forgetOld() {
		for (const [id, entry] of this.#sent) {
			if (this.#now() - entry.sentAt < SENT_MEMORY_MS) break;
			this.#sent.delete(id);
		}
	}
}
