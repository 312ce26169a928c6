/**
 * How a peer arrives, in five steps: authorize, record, claim, welcome, complete. Each step takes the result of the step
 * before, or a refusal ends the join.
 *
 * A join makes three writes: the connection's record (`joining`), the lease, and `joined`. The record comes first, so a
 * connection that ends at any point leads to its lease. It stays `joining` until the neighbours were told, so a join that is
 * repeated after a failure continues at the step that failed.
 */
import { encodeFrame, type IceServer, type JoinMessage, type Refusal } from "../../protocol/index.ts";
import { all } from "./all.ts";
import type { Authorization, JoinPermission } from "./authorization.ts";
import type { ClientConnection } from "./connection.ts";
import type { Departures } from "./departures.ts";
import type { Directory } from "./directory.ts";
import type { IceServers } from "./ice-servers.ts";
import { type Introduction, type Introductions, listedPeer } from "./introductions.ts";
import { MAX_CLAIM_ATTEMPTS, RECONNECT_MARGIN_MS } from "./limits.ts";
import type { Notices } from "./notices.ts";
import type { Dependencies } from "./ports.ts";
import {
	type ConnectionRecord,
	type Draft,
	expiryOf,
	hasEnded,
	hasExpired,
	type PeerIdentity,
	type PeerRecord,
} from "./records.ts";
import { alreadyJoined, CONTENDED, ID_TAKEN, JOIN_UNDONE, SESSION_ENDED, TOKEN_EXPIRED } from "./refusals.ts";
import { routingKey } from "./routing-key.ts";
import type { Takeovers } from "./takeovers.ts";

const RESUME_KEY_BYTES = 16;

/** 128 bits of SHA-256, as hexadecimal. A longer hash would add to what every search reads. */
const OWNER_HASH_DIGITS = 32;

/** The lease of the wanted id, as far as it was read. */
type Holder = { readonly known: false } | { readonly known: true; readonly lease: PeerRecord | undefined };

/** The result of the step `record`. */
interface Recorded {
	readonly record: ConnectionRecord;
	readonly holder: Holder;
	/** Whether this connection's record is new. If not, this join repeats an earlier one. */
	readonly opened: boolean;
	/** Whether an earlier join of this connection was welcomed. */
	readonly announced: boolean;
}

/** The result of the step `claim`. */
interface Claimed {
	readonly lease: PeerRecord;
	/** Whether the connection held the lease already. */
	readonly held: boolean;
	/** Whether the neighbours know this peer already, under the same identity. */
	readonly known: boolean;
	/** The connections that this join barred, and the one that an earlier, unfinished takeover left open. */
	readonly toDismiss: readonly { readonly connectionId: string; readonly resumed: boolean }[];
}

type Permitted = Extract<JoinPermission, { allowed: true }>;

/** The proofs that a client is the peer that it wants to be. */
interface Proofs {
	readonly resumeKey: string | undefined;
	readonly ownerHash: string | undefined;
	/** Whether a token names the id. */
	readonly byToken: boolean;
	/** The hash of the public key that it signs with. It is told to others, and proves nothing to the server. */
	readonly identity: string | undefined;
}

type Step<T> = T | { readonly refusal: Refusal };

const refused = <T extends object>(step: Step<T>): step is { readonly refusal: Refusal } => "refusal" in step;

export type Join = (connection: ClientConnection, message: JoinMessage) => Promise<Refusal | undefined>;

export interface JoinParts {
	readonly directory: Directory;
	readonly introductions: Introductions;
	readonly notices: Notices;
	readonly takeovers: Takeovers;
	readonly departures: Departures;
	readonly authorization: Authorization;
	readonly iceServers: IceServers;
}

export function createJoin(dependencies: Dependencies, parts: JoinParts): Join {
	const { crypto, store, settings, metrics } = dependencies;
	const { authorization, departures, directory } = parts;
	const record = createRecordStep(dependencies, directory);
	const claim = createClaimStep(dependencies, parts.takeovers);
	const welcome = createWelcomeStep(dependencies, parts);
	const complete = createCompleteStep(dependencies, parts);

	return async (connection, message) => {
		const permission = await authorization.join(connection, message);
		if (!permission.allowed) return permission.refusal;

		const identity: PeerIdentity = {
			room: message.room,
			peerId: message.peerId,
			key: routingKey(message.peerId, crypto),
		};
		const recorded = await record(connection, identity, message, permission);
		if (refused(recorded)) return recorded.refusal;

		const claimed = await claim(recorded, {
			resumeKey: message.resumeKey,
			ownerHash: message.ownerKey && crypto.sha256(message.ownerKey).slice(0, OWNER_HASH_DIGITS),
			byToken: permission.owns,
			identity: message.identity,
		});
		if (refused(claimed)) return claimed.refusal;

		if (!recorded.opened && !claimed.held) {
			// Its own `leave` may have released the lease that this join just claimed again. It wrote that down before.
			const current = await store.getConnection(connection.id, "strong");
			if (current === undefined || hasEnded(current.state)) {
				await departures.evict([claimed.lease]);
				return SESSION_ENDED;
			}
		}

		const { authorizedUntil = Number.POSITIVE_INFINITY } = recorded.record;
		const endsAt = Math.min(connection.connectedAt + settings.maxConnectionAgeMs, authorizedUntil * 1000);
		// A joined connection that joins again gets its welcome again and no notices, unless it had lost the id.
		const repeated = recorded.announced && claimed.held;
		const introduction = await welcome(recorded.record, claimed, repeated, endsAt);
		if (introduction === "gone") {
			// The socket ended during the join, and `$disconnect` may have come before the lease.
			await departures.evict([claimed.lease]);
			return undefined;
		}
		directory.remember(claimed.lease, recorded.record);
		if (repeated) return undefined;
		metrics?.count(kindOf(claimed.lease));
		await complete(claimed, introduction);
		return undefined;
	};
}

function kindOf({ replaces, resumed }: PeerRecord): "Joins" | "Resumes" | "Takeovers" {
	if (resumed) return "Resumes";
	return replaces === undefined ? "Joins" : "Takeovers";
}

/** Writes the connection's record, or finds the record of an earlier join of the same connection. */
function createRecordStep({ store, sender, clock, settings }: Dependencies, directory: Directory) {
	const repeat = async (record: ConnectionRecord): Promise<Step<Recorded>> => {
		const { connectionId, room, peerId } = record;
		const existing = await store.getConnection(connectionId, "strong");
		if (existing === undefined) return { refusal: JOIN_UNDONE };
		if (hasEnded(existing.state)) {
			await sender.close(connectionId);
			return { refusal: SESSION_ENDED };
		}
		if (existing.room !== room || existing.peerId !== peerId) return { refusal: alreadyJoined(existing) };
		// A session ends when its first token does. A later token is for a new connection, which can resume the session.
		if (hasExpired(existing, clock.now())) return { refusal: TOKEN_EXPIRED };
		return {
			record: existing,
			holder: { known: true, lease: await store.getPeer(existing, "strong") },
			opened: false,
			// The last write of a join may still be under way when the client, already welcomed, asks again.
			announced: existing.state === "joined" || directory.remembers(connectionId),
		};
	};

	return async (
		connection: ClientConnection,
		identity: PeerIdentity,
		{ resumeKey, anyId }: JoinMessage,
		{ until: authorizedUntil, subject }: Permitted,
	): Promise<Step<Recorded>> => {
		const { room, peerId, key } = identity;
		const expiresAt = expiryOf(connection, settings);
		const record: Draft<ConnectionRecord> = {
			room,
			peerId,
			key,
			connectionId: connection.id,
			state: "joining",
			expiresAt,
		};
		if (authorizedUntil !== undefined) record.authorizedUntil = authorizedUntil;
		if (anyId === true) record.anyId = anyId;
		if (subject !== undefined) record.subject = subject;
		// Most joins find the id free, so they save the read. A client that resumes knows that the id is held. An owner's
		// first join finds it free like any other.
		const readsHolder = resumeKey !== undefined;
		const [opened, lease] = await all([
			store.openConnection(record),
			readsHolder ? store.getPeer(identity, "strong") : undefined,
		]);
		if (!opened) return repeat(record);
		return { record, holder: readsHolder ? { known: true, lease } : { known: false }, opened, announced: false };
	};
}

/** Decides which connection holds the id, by compare and swap. */
function createClaimStep({ store, sender, clock, crypto, settings }: Dependencies, takeovers: Takeovers) {
	const isSamePeer = (holder: PeerRecord, { resumeKey, ownerHash }: Proofs) =>
		(resumeKey !== undefined && crypto.equal(resumeKey, holder.resumeKey)) ||
		(ownerHash !== undefined && holder.ownerHash !== undefined && crypto.equal(ownerHash, holder.ownerHash));

	/** Whether a holder keeps its id from a client that did not prove to be the same peer. */
	const keepsId = async (holder: PeerRecord, { byToken }: Proofs) => {
		if (holder.ownerHash !== undefined) return !byToken;
		// A connection that is gone does not keep an id, even if its $disconnect was lost.
		return settings.duplicatePeerPolicy === "reject" && (await sender.isOpen(holder.connectionId));
	};

	return async ({ record, holder }: Recorded, proofs: Proofs): Promise<Step<Claimed>> => {
		const { connectionId, room, peerId, key, authorizedUntil, expiresAt } = record;
		const resumeKey = crypto.secret(RESUME_KEY_BYTES);
		const toDismiss = new Map<string, boolean>();
		let wanted = holder;

		for (let attempt = 0; attempt < MAX_CLAIM_ATTEMPTS; attempt++) {
			// A holder that is not known is claimed against as if there were none. If there is one, the claim fails, and the
			// next attempt knows it.
			const current = wanted.known ? wanted.lease : undefined;
			if (current?.connectionId === connectionId) {
				if (current.replaces !== undefined) toDismiss.set(current.replaces, current.resumed ?? false);
				const known = current.resumed ?? false;
				return { lease: current, held: true, known, toDismiss: dismissals(toDismiss) };
			}
			const resumed = current !== undefined && isSamePeer(current, proofs);
			if (current !== undefined) {
				if (!resumed && (await keepsId(current, proofs))) {
					// The connection may try another id, which its record would forbid.
					await store.deleteConnection(connectionId);
					return { refusal: ID_TAKEN };
				}
				await takeovers.bar(current);
				toDismiss.set(current.connectionId, resumed);
				// The holder may have taken the id over itself, without closing its predecessor.
				if (current.replaces !== undefined) toDismiss.set(current.replaces, current.resumed ?? false);
			}
			const lease: Draft<PeerRecord> = {
				room,
				peerId,
				key,
				connectionId,
				resumeKey,
				// Later than the lease that it replaces, also if another instance's clock is ahead.
				lastSeen: Math.max(clock.now(), (current?.lastSeen ?? 0) + 1),
				expiresAt: Math.min(expiresAt, authorizedUntil ?? expiresAt),
			};
			if (current !== undefined) {
				lease.replaces = current.connectionId;
				lease.resumed = resumed;
				if (resumed) lease.since = current.since ?? current.lastSeen;
			}
			keepLasting(lease, resumed ? current : undefined, proofs);
			if (await store.claimPeer(lease, current?.connectionId)) {
				const known = resumed && lease.identity === current?.identity;
				return { lease, held: false, known, toDismiss: dismissals(toDismiss) };
			}
			wanted = { known: true, lease: await store.getPeer(lease, "strong") };
		}
		return { refusal: CONTENDED };
	};
}

/** Sets the owner and the identity of the new lease. A client that resumes without sending them keeps them. */
function keepLasting(lease: Draft<PeerRecord>, earlier: PeerRecord | undefined, proofs: Proofs): void {
	const ownerHash = proofs.ownerHash ?? earlier?.ownerHash;
	const identity = proofs.identity ?? earlier?.identity;
	if (ownerHash !== undefined) lease.ownerHash = ownerHash;
	if (identity !== undefined) lease.identity = identity;
}

function dismissals(connections: ReadonlyMap<string, boolean>): Claimed["toDismiss"] {
	return [...connections].map(([connectionId, resumed]) => ({ connectionId, resumed }));
}

/** Finds the peers for the newcomer, dismisses the connections that it replaced, and posts its welcome. */
function createWelcomeStep(
	{ sender, clock, settings }: Dependencies,
	{ introductions, iceServers, takeovers }: JoinParts,
) {
	const frame = (
		lease: PeerRecord,
		{ listed }: Introduction,
		ice: readonly IceServer[] | undefined,
		endsAt: number,
	): string => {
		const now = clock.now();
		// A client gets new TURN credentials with its next welcome. So that has to come before these end.
		const hasTurn = settings.turnUrls.length > 0;
		const renewalAt = hasTurn ? Math.min(endsAt, now + settings.turnCredentialSeconds * 1000) : endsAt;
		const reconnectIn = Math.floor(renewalAt - now - Math.min(RECONNECT_MARGIN_MS, (renewalAt - now) / 4));
		return encodeFrame({
			type: "bootstrap_peers",
			peers: listed.map(listedPeer),
			room: lease.room,
			peerId: lease.peerId,
			resumeKey: lease.resumeKey,
			reconnectBefore: now + reconnectIn,
			reconnectIn,
			...(ice !== undefined && { iceServers: ice }),
		});
	};

	return async (
		record: ConnectionRecord,
		{ lease, toDismiss }: Claimed,
		repeated: boolean,
		endsAt: number,
	): Promise<Introduction | "gone"> => {
		const [introduction, ice] = await all([
			introductions.introduce(record),
			iceServers(lease.peerId, Math.ceil(endsAt / 1000)),
			...(repeated ? [] : toDismiss).map(({ connectionId, resumed }) => takeovers.dismiss(connectionId, resumed)),
		]);
		const delivery = await sender.post(lease.connectionId, frame(lease, introduction, ice, endsAt));
		return delivery === "gone" ? "gone" : introduction;
	};
}

/** Announces the newcomer and marks its join as complete. */
function createCompleteStep({ store, log }: Dependencies, { notices, departures }: JoinParts) {
	return async ({ lease, known }: Claimed, { told }: Introduction): Promise<void> => {
		// A peer that resumes has never been away, so there is no arrival to announce; unless it has another key now, as a
		// page that was loaded anew. Its neighbours would refuse what it signs.
		if (!known) await departures.evict(await notices.tell("peer_joined", lease, told));
		try {
			if (await store.confirmConnection(lease.connectionId)) return;
			const connection = await store.getConnection(lease.connectionId, "strong");
			// `$disconnect` or `leave` met the join before it had the lease. A barred one is its successor's to remove.
			if (connection === undefined || connection.state === "left") await departures.evict([lease]);
		} catch (cause) {
			// It stays `joining`: its frames cost one more read, and a second join of it would be announced once more.
			log.warn("join_not_confirmed", { connectionId: lease.connectionId }, cause);
		}
	};
}
