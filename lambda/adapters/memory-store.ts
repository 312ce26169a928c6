import { MAX_CONNECTION_AGE_MS } from "../../protocol/index.ts";
import type { Clock, SignalingStore } from "../core/ports.ts";
import type { ConnectionRecord, GrantRecord, PeerIdentity, PeerRecord } from "../core/records.ts";
import { positionOf } from "../core/routing-key.ts";
import { type SortedRoom, sortedRoom } from "./sorted-room.ts";

/** How often expired records are deleted, in ms. Until then they are only invisible. */
const SWEEP_INTERVAL_MS = 60_000;

/**
 * How long expired peers are kept, in ms: as long as their connection may live, because the end of the connection is the
 * time to tell their neighbours.
 */
const PEERS_KEPT_MS = MAX_CONNECTION_AGE_MS;

export interface MemoryPeerStore extends SignalingStore {
	/** Drops everything about a connection but its lease: its socket has closed, and its end has been handled. */
	forget(connectionId: string): void;
}

/** Presence in the memory of one process: for the local server, and for tests. */
export function memoryStore({ clock }: { clock: Clock }): MemoryPeerStore {
	const connections = new Map<string, ConnectionRecord>();
	const grants = new Map<string, GrantRecord>();
	const counts = new Map<string, { frames: number; expiresAt: number }>();
	const rooms = new Map<string, SortedRoom>();
	let sweptAt = clock.now();

	const live = <T extends { expiresAt: number }>(record: T | undefined): T | undefined =>
		record !== undefined && record.expiresAt * 1000 > clock.now() ? record : undefined;

	const anyPeer = (identity: PeerIdentity) => rooms.get(identity.room)?.get(identity);

	const setPeer = (record: PeerRecord) => {
		let room = rooms.get(record.room);
		if (room === undefined) rooms.set(record.room, (room = sortedRoom()));
		room.set(record);
	};

	const deletePeer = (record: PeerRecord) => {
		const room = rooms.get(record.room);
		room?.delete(record);
		if (room?.size() === 0) rooms.delete(record.room);
	};

	const sweep = () => {
		if (clock.now() - sweptAt < SWEEP_INTERVAL_MS) return;
		sweptAt = clock.now();
		for (const [id, record] of connections) if (!live(record)) connections.delete(id);
		for (const [id, record] of grants) if (!live(record)) grants.delete(id);
		for (const [key, count] of counts) if (!live(count)) counts.delete(key);
		for (const room of [...rooms.values()]) {
			for (const peer of room.expiredBy((sweptAt - PEERS_KEPT_MS) / 1000)) deletePeer(peer);
		}
	};

	return {
		getConnection(connectionId) {
			return live(connections.get(connectionId));
		},

		openConnection(record) {
			sweep();
			if (live(connections.get(record.connectionId))) return false;
			connections.set(record.connectionId, record);
			return true;
		},

		confirmConnection(connectionId) {
			const record = connections.get(connectionId);
			if (record === undefined || record.state !== "joining") return record?.state === "joined";
			connections.set(connectionId, { ...record, state: "joined" });
			return true;
		},

		endConnection(connectionId, state) {
			const record = connections.get(connectionId);
			if (record !== undefined) connections.set(connectionId, { ...record, state });
		},

		deleteConnection(connectionId) {
			connections.delete(connectionId);
		},

		forget(connectionId) {
			connections.delete(connectionId);
			grants.delete(connectionId);
		},

		saveGrant(record) {
			sweep();
			grants.set(record.connectionId, record);
		},

		getGrant(connectionId) {
			return live(grants.get(connectionId));
		},

		countFrames(connectionId, window, frames, expiresAt) {
			sweep();
			const key = `${connectionId}#${window}`;
			const sum = (counts.get(key)?.frames ?? 0) + frames;
			counts.set(key, { frames: sum, expiresAt });
			return sum;
		},

		getPeer(identity) {
			return live(anyPeer(identity));
		},

		claimPeer(record, holder) {
			if (live(anyPeer(record))?.connectionId !== holder) return false;
			setPeer(record);
			return true;
		},

		releasePeer(identity, connectionId) {
			const peer = anyPeer(identity);
			if (peer?.connectionId !== connectionId) return undefined;
			deletePeer(peer);
			return peer;
		},

		range({ room: name, from, to, direction, limit }) {
			const room = rooms.get(name);
			if (room === undefined) return { peers: [] };
			const { records, heads, plain, expiresFrom, complete } = room.walk({ from, to, direction, limit });
			const last = records.at(-1);
			const stoppedAt = complete || last === undefined ? undefined : positionOf(last);
			const now = clock.now();
			if (expiresFrom * 1000 > now) return { peers: records, heads, plain, stoppedAt };
			return { peers: records.filter(({ expiresAt }) => expiresAt * 1000 > now), plain, stoppedAt };
		},
	};
}
