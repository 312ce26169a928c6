/** Ends connections that are too old, silent or dead. */
import { CLOSE, monotonicNow, type Peer } from "./connections.ts";

const MAX_INTERVAL_MS = 1_000;
const MIN_INTERVAL_MS = 5;

export interface Lifetimes {
	readonly maxConnectionAgeMs: number;
	readonly maxIdleMs: number;
	readonly heartbeatMs: number;
	readonly joinDeadline?: JoinDeadline | undefined;
}

/** The time within which a connection must join. */
export interface JoinDeadline {
	/** After it was made, in ms. */
	readonly afterMs: number;
	hasJoined(connectionId: string): Promise<boolean>;
}

/**
 * Looks at all connections often enough for the shortest of the times, and at least every second.
 * @returns a function that stops it
 */
export function startChecks(peers: ReadonlyMap<string, Peer>, lifetimes: Lifetimes): () => void {
	const { maxConnectionAgeMs, maxIdleMs, heartbeatMs, joinDeadline } = lifetimes;

	const checkJoined = async (peer: Peer, { afterMs, hasJoined }: JoinDeadline) => {
		peer.deadlineKept = true;
		if (await hasJoined(peer.id)) return;
		peer.socket.close(CLOSE.policyViolation, `Not joined within ${afterMs / 1000} s`);
	};

	const check = (peer: Peer, now: number) => {
		const { socket } = peer;
		if (socket.readyState !== socket.OPEN) return; // it is closing, and ws limits how long that takes
		if (joinDeadline !== undefined && !peer.deadlineKept && now - peer.openedAt >= joinDeadline.afterMs) {
			void checkJoined(peer, joinDeadline);
		}
		if (now - peer.openedAt >= maxConnectionAgeMs || now - peer.lastActiveAt >= maxIdleMs) {
			socket.close(CLOSE.goingAway, "Going away");
		} else if (peer.pingedAt !== undefined) {
			if (now - peer.pingedAt >= heartbeatMs) socket.terminate();
		} else if (now - peer.heardAt >= heartbeatMs) {
			peer.pingedAt = now;
			socket.ping();
		}
	};

	const checkAll = () => {
		const now = monotonicNow();
		for (const peer of peers.values()) check(peer, now);
	};

	const shortest = Math.min(maxConnectionAgeMs, maxIdleMs, heartbeatMs, joinDeadline?.afterMs ?? heartbeatMs);
	const intervalMs = Math.min(MAX_INTERVAL_MS, Math.max(MIN_INTERVAL_MS, shortest / 4));
	// Node runs timers before it reads from sockets. After a pause (a busy process, a laptop that slept) answers may be
	// waiting there, and must be heard before a client counts as dead.
	const timer = setInterval(() => setImmediate(checkAll), intervalMs);
	timer.unref();
	return () => clearInterval(timer);
}
