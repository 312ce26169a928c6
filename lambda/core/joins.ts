/**
 * How a peer comes to be.
 *
 * A join makes three writes: the connection's record (`joining`), the lease, and `joined`. Whatever interrupts it, the
 * connection's record comes first, so the lease of a connection that ends is always found and removed; and it stays
 * `joining` until the neighbours were told, so a join that is repeated after a failure goes on where the first one stopped.
 */

import { encodeFrame, type IceServer, type JoinMessage, type Refusal } from "../../protocol/index.ts";
import { all } from "./all.ts";
import { type Authorization, EXPIRED } from "./authorization.ts";
import { expiryOf, hasEnded } from "./connection-records.ts";
import { type Departures, ID_TAKEN } from "./departures.ts";
import type { Directory } from "./directory.ts";
import type { IceServers } from "./ice-servers.ts";
import { type Introductions, listFor } from "./introductions.ts";
import { MAX_CLAIM_ATTEMPTS, RECONNECT_MARGIN_MS } from "./limits.ts";
import type { ConnectionRecord, Dependencies, Identity, PeerRecord } from "./ports.ts";
import { routingKey } from "./routing-key.ts";
import type { Connection } from "./signaling.ts";

const RESUME_KEY_BYTES = 16;

const ENDED: Refusal = {
	code: "ALREADY_JOINED",
	message: "This connection's session has ended. Open a new one to join again.",
};
const UNDONE: Refusal = { code: "UNAVAILABLE", message: "An earlier join was just undone. Try again." };
const CONTENDED: Refusal = { code: "UNAVAILABLE", message: "Others are joining with this ID. Try again." };

/** How a connection stands to the lease that it asked for. */
type Claim =
	| { readonly outcome: "claimed"; readonly lease: PeerRecord }
	| { readonly outcome: "held"; readonly lease: PeerRecord }
	| { readonly outcome: "taken" }
	| { readonly outcome: "contended" };

export type Join = (connection: Connection, message: JoinMessage) => Promise<Refusal | undefined>;

export function createJoin(
	{ store, sender, clock, crypto, log, settings }: Dependencies,
	directory: Directory,
	introductions: Introductions,
	departures: Departures,
	authorization: Authorization,
	iceServers: IceServers,
): Join {
	/** Decides who holds the id, by compare and swap, from what is known of its holder. */
	const claim = async (
		lease: PeerRecord,
		offeredKey: string | undefined,
		knownHolder: PeerRecord | undefined,
	): Promise<Claim> => {
		let holder = knownHolder;
		for (let attempt = 0; attempt < MAX_CLAIM_ATTEMPTS; attempt++) {
			if (holder?.connectionId === lease.connectionId) return { outcome: "held", lease: holder };

			let claimed = lease;
			if (holder !== undefined) {
				const resumed = offeredKey !== undefined && crypto.equal(offeredKey, holder.resumeKey);
				// Nobody keeps an id by a connection that is no more, whatever became of its $disconnect.
				if (!resumed && settings.duplicatePeerPolicy === "reject" && (await sender.isOpen(holder.connectionId))) {
					return { outcome: "taken" };
				}
				await departures.bar(holder);
				claimed = { ...lease, replaces: holder.connectionId, resumed };
			}
			if (await store.claimPeer(claimed, holder?.connectionId)) return { outcome: "claimed", lease: claimed };
			holder = await store.getPeer(lease, "strong");
		}
		return { outcome: "contended" };
	};

	/** What follows a welcome. */
	const complete = async (own: PeerRecord, introduced: readonly PeerRecord[]) => {
		const { connectionId, peerId, room } = own;
		if (!own.resumed) await departures.tell(introduced, { type: "peer_joined", peerId, room });
		try {
			// After the notices: whoever notes from now on that the peer is gone says so after them.
			if (await store.confirmConnection(connectionId)) return;
			// It has gone meanwhile, and that notice may have overtaken these: the last word must be the true one.
			if (await store.getPeer(own, "strong")) return;
			await departures.tell(introduced, { type: "peer_left", peerId, room });
		} catch (cause) {
			// It stays `joining`: its frames cost one read more, and a second join of it would be announced once more.
			log.warn("join_not_confirmed", { connectionId }, cause);
		}
	};

	const welcome = (
		lease: PeerRecord,
		introduced: readonly PeerRecord[],
		ice: readonly IceServer[] | undefined,
		endsAt: number,
	) =>
		encodeFrame({
			type: "bootstrap_peers",
			peers: listFor(lease.peerId, introduced),
			room: lease.room,
			peerId: lease.peerId,
			resumeKey: lease.resumeKey,
			reconnectBefore: Math.floor(endsAt - Math.min(RECONNECT_MARGIN_MS, (endsAt - clock.now()) / 4)),
			...(ice !== undefined && { iceServers: ice }),
		});

	return async (connection, message) => {
		const permission = await authorization.join(connection, message);
		if (!permission.allowed) return permission.refusal;
		let authorizedUntil = permission.until;
		const identity: Identity = {
			room: message.room,
			peerId: message.peerId,
			key: routingKey(message.peerId, crypto),
		};
		const expiresAt = expiryOf(connection, settings);
		const record: ConnectionRecord = {
			...identity,
			connectionId: connection.id,
			state: "joining",
			expiresAt,
			...(authorizedUntil !== undefined && { authorizedUntil }),
		};

		let [opened, holder] = await all([
			store.openConnection(record),
			// Most joins find the id free, so they save this read; who resumes knows that it is held.
			message.resumeKey === undefined ? undefined : store.getPeer(identity, "strong"),
		]);

		let announced = false;
		if (!opened) {
			const existing = await store.getConnection(connection.id, "strong");
			if (existing === undefined) return UNDONE;
			if (hasEnded(existing.state)) {
				await sender.close(connection.id);
				return ENDED;
			}
			if (existing.room !== identity.room || existing.peerId !== identity.peerId) {
				return {
					code: "ALREADY_JOINED",
					message: `This connection has joined room ${existing.room} as ${existing.peerId}.`,
				};
			}
			// A session ends when its first token does. A later one is for a new connection, which can resume it.
			authorizedUntil = existing.authorizedUntil;
			if (authorizedUntil !== undefined && authorizedUntil * 1000 <= clock.now()) return EXPIRED;
			// The last write of a join may still be on its way when the client, welcomed, asks again.
			announced = existing.state === "joined" || directory.remembers(connection.id);
			holder = await store.getPeer(identity, "strong");
		}

		const lease: PeerRecord = {
			...identity,
			connectionId: connection.id,
			resumeKey: crypto.random(RESUME_KEY_BYTES),
			lastSeen: clock.now(),
			expiresAt: Math.min(expiresAt, authorizedUntil ?? expiresAt),
		};
		const claimed = await claim(lease, message.resumeKey, holder);
		if (claimed.outcome === "taken") {
			// The connection may try another id, which its record would forbid.
			await store.deleteConnection(connection.id);
			return ID_TAKEN;
		}
		if (claimed.outcome === "contended") return CONTENDED;

		const own = claimed.lease;
		if (!opened && claimed.outcome === "claimed") {
			// Its own `leave` may have given back the lease that was just claimed anew, and has said so before it did.
			const current = await store.getConnection(connection.id, "strong");
			if (current === undefined || hasEnded(current.state)) {
				await departures.evict([own]);
				return ENDED;
			}
		}
		// A joined connection that asks again gets its welcome again, unless it had lost the id meanwhile.
		const repeated = announced && claimed.outcome === "held";
		const { replaces, resumed = false } = own;
		const [introduced, ice] = await all([
			introductions.forNewcomer(identity),
			iceServers(identity.peerId, expiresAt),
			replaces !== undefined && !repeated && departures.dismiss(replaces, resumed ? "resumed" : "taken"),
		]);
		const endsAt = Math.min(
			connection.connectedAt + settings.maxConnectionAgeMs,
			(authorizedUntil ?? Number.POSITIVE_INFINITY) * 1000,
		);
		const delivery = await sender.post(connection.id, welcome(own, introduced, ice, endsAt));
		if (delivery === "gone") {
			// The socket closed while its join was under way, and `$disconnect` may have come before the lease.
			await departures.evict([own]);
			return undefined;
		}
		directory.remember(own, authorizedUntil);
		if (!repeated) await complete(own, introduced);
		return undefined;
	};
}
