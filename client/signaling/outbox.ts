/**
 * Frames on their way to the server, until nobody can say any more that they were refused. None gets lost in silence:
 * each is given to a connection, or its sender is told.
 *
 * A frame may be sent twice, where the server or the network leaves open whether it arrived: descriptions are numbered, and
 * a candidate may come twice. The server's errors name the `id` of the frame.
 */
import type { Environment } from "../environment.ts";
import { type MeshError, passing } from "../errors.ts";
import { BUSY_MS, DOUBT_MS, MAX_QUEUED_BYTES, MAX_QUEUED_MS, MAX_SENDS, PACE_MS, SENT_MEMORY_MS } from "../limits.ts";
import { backoff } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { type Frame, sizeOf } from "./frames.ts";

export interface Outbox {
	/** When a frame was last given to a connection, in ms since the epoch. */
	readonly sentAt: number;
	/**
	 * Sends a frame, now or as soon as it can be.
	 * @param failed is told where it was refused for good or could not be sent; not before `post` has returned
	 * @returns its id
	 */
	post(frame: Frame, failed: (error: MeshError) => void): number;
	/** It was answered: it need not be sent again. */
	settle(id: number): void;
	/** Sends what may be sent now. To be called when a connection has become ready. */
	flush(): void;
	/** @returns whether the refused frame was one of these */
	refused(id: unknown, error: MeshError, retryAfter: number): boolean;
	/** A connection was lost: what was sent on it last may not have arrived. */
	lost(connection: Connection): void;
	/** Nothing will be sent any more. */
	end(error: MeshError): void;
}

interface Entry {
	readonly id: number;
	readonly frame: Frame;
	readonly bytes: number;
	readonly since: number;
	readonly failed: (error: MeshError) => void;
	/** Before then it is not to be sent (again). */
	notBefore: number;
	sends: number;
	sentAt: number;
	via?: Connection;
	/** Why it was refused last. */
	refusal?: MeshError;
}

/** @param connection the one to send on, where there is one */
export function createOutbox(environment: Environment, connection: () => Connection | undefined): Outbox {
	const { timers, random } = environment;
	let lastId = 0;
	let queue: Entry[] = [];
	let queuedBytes = 0;
	/** Those that were sent and may still be refused, oldest first. */
	const sent = new Map<unknown, Entry>();
	let sentAt = 0;
	/** After the server has complained: before then it wants no more, and from then on not more often than so, in ms. */
	let resumeAt = 0;
	let pace = 0;
	let cancelTimer = () => {};
	/** Why nothing is sent any more. */
	let over: MeshError | undefined;

	/** Whoever sends does not expect to be called back before that is done. */
	const fail = ({ failed }: Entry, error: MeshError) => queueMicrotask(() => failed(error));

	const drop = (entry: Entry) => {
		queue = queue.filter((other) => other !== entry);
		queuedBytes -= entry.bytes;
	};

	const enqueue = (entry: Entry) => {
		if (over !== undefined) return fail(entry, over);
		queue.push(entry);
		queuedBytes += entry.bytes;
		for (let [oldest] = queue; oldest && queuedBytes > MAX_QUEUED_BYTES; [oldest] = queue) {
			drop(oldest);
			fail(oldest, passing("BUFFER_FULL", "Too much waits to be sent."));
		}
	};

	const again = (entry: Entry, afterMs: number) => {
		sent.delete(entry.id);
		entry.notBefore = timers.now() + afterMs;
		enqueue(entry);
	};

	const flush = () => {
		cancelTimer();
		const now = timers.now();
		for (const [id, entry] of sent) {
			if (now - entry.sentAt < SENT_MEMORY_MS) break;
			sent.delete(id);
		}

		const via = connection();
		let next = now + MAX_QUEUED_MS;
		for (const entry of queue) {
			const late = entry.since + MAX_QUEUED_MS;
			const at = Math.max(entry.notBefore, resumeAt, sentAt + pace);
			if (late <= now) {
				drop(entry);
				fail(entry, entry.refusal ?? passing("TIMEOUT", "Not sent in time."));
			} else if (at <= now && via?.ready) {
				drop(entry);
				entry.sends++;
				entry.via = via;
				entry.sentAt = sentAt = now;
				sent.set(entry.id, entry);
				via.send(entry.frame);
			} else next = Math.min(next, late, via === undefined ? late : Math.max(at, now + BUSY_MS * Number(at <= now)));
		}
		if (queue.length === 0) pace = 0;
		else cancelTimer = timers.after(next - now, flush);
	};

	return {
		get sentAt() {
			return sentAt;
		},

		post(content, failed) {
			const id = ++lastId;
			const frame = { ...content, id };
			enqueue({ id, frame, bytes: sizeOf(frame), since: timers.now(), failed, notBefore: 0, sends: 0, sentAt: 0 });
			flush();
			return id;
		},

		settle(id) {
			sent.delete(id);
			queue.filter((entry) => entry.id === id).forEach(drop);
		},

		flush,

		refused(id, error, retryAfter) {
			const entry = sent.get(id);
			if (entry === undefined) return false;
			const slower = error.code === "RATE_LIMITED";
			if (!error.retryable || (!slower && entry.sends >= MAX_SENDS)) {
				sent.delete(id);
				fail(entry, error);
				return true;
			}
			entry.refusal = error;
			// Everything that waits would be refused as well, and who goes on all the same is cut off.
			if (slower) {
				resumeAt = timers.now() + retryAfter;
				pace = PACE_MS;
			}
			again(entry, retryAfter + (slower ? 0 : backoff(entry.sends, random)));
			flush();
			return true;
		},

		lost(connection) {
			for (const entry of sent.values()) {
				// What has no receiver is a question, which was not answered.
				const doubtful = entry.sentAt >= connection.heardAt - DOUBT_MS || entry.frame.to === undefined;
				if (entry.via === connection && doubtful) again(entry, 0);
			}
			flush();
		},

		end(error) {
			over = error;
			for (const entry of queue) fail(entry, error);
			for (const entry of sent.values()) if (entry.frame.to === undefined) fail(entry, error);
			queue = [];
			sent.clear();
			cancelTimer();
		},
	};
}
