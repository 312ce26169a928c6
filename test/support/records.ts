import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import type { ConnectionRecord, PeerRecord } from "../../lambda/core/records.ts";
import { routingKey } from "../../lambda/core/routing-key.ts";

/** A clock that a test moves by hand. */
export function aClock(at = Date.UTC(2030, 0, 1)) {
	return {
		at,
		now() {
			return this.at;
		},
		forward(ms: number) {
			this.at += ms;
		},
	};
}

const FAR_FUTURE = Date.UTC(2100, 0, 1) / 1000;

/** A lease with defaults for all that a test does not care about. */
export function aPeer({ peerId = "a peer", ...changes }: Partial<PeerRecord> = {}): PeerRecord {
	return {
		room: "a room",
		peerId,
		key: routingKey(peerId, nodeCrypto),
		connectionId: `connection of ${peerId}`,
		resumeKey: "a resume key",
		lastSeen: Date.UTC(2030, 0, 1),
		expiresAt: FAR_FUTURE,
		...changes,
	};
}

/** A connection's record with defaults. */
export function aConnection({ peerId = "a peer", ...changes }: Partial<ConnectionRecord> = {}): ConnectionRecord {
	return {
		room: "a room",
		peerId,
		key: routingKey(peerId, nodeCrypto),
		connectionId: `connection of ${peerId}`,
		state: "joining",
		expiresAt: FAR_FUTURE,
		...changes,
	};
}
