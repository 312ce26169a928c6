/** Tells peers of arrivals and departures. */
import { encodeFrame } from "../../protocol/index.ts";
import { all } from "./all.ts";
import type { Delivery, Dependencies } from "./ports.ts";
import type { PeerRecord } from "./records.ts";
import { MuteError } from "./sparing-sender.ts";

export interface Notices {
	/**
	 * A peer has arrived, or has departed. Both notices carry the time of the lease, so that a receiver can put them in
	 * order: they come from different instances, and may overtake each other.
	 *
	 * Never rejects: a notice is a hint. Its receiver learns the same from the signals that follow or do not.
	 * @returns the receivers that are gone
	 */
	tell(
		type: "peer_joined" | "peer_left",
		subject: Pick<PeerRecord, "peerId" | "room" | "lastSeen" | "identity">,
		receivers: readonly PeerRecord[],
	): Promise<PeerRecord[]>;
}

export function createNotices({ sender, log, metrics }: Dependencies): Notices {
	return {
		async tell(type, { peerId, room, lastSeen, identity }, receivers) {
			const arrival = type === "peer_joined" && identity !== undefined ? { identity } : {};
			const text = encodeFrame({ type, peerId, room, at: lastSeen, ...arrival });
			const gone: PeerRecord[] = [];
			const note = (receiver: PeerRecord, delivery: Delivery) => {
				if (delivery === "gone") gone.push(receiver);
				else metrics?.count("Notices");
			};
			const underWay: Promise<void>[] = [];
			for (const receiver of receivers) {
				const delivery = sender.post(receiver.connectionId, text, "notice");
				if (!(delivery instanceof Promise)) note(receiver, delivery);
				else {
					const failed = (cause: unknown) => {
						if (cause instanceof MuteError) return;
						log.warn("notice_failed", { frame: type, connectionId: receiver.connectionId }, cause);
					};
					underWay.push(delivery.then((known) => note(receiver, known)).catch(failed));
				}
			}
			await all(underWay);
			return gone;
		},
	};
}
