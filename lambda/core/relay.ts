/** Passes a frame from one peer to another: delivered once, or answered by an error. */

import { isId, peerNotFound, type Refusal, type RelayedMessage, stampFrom } from "../../protocol/index.ts";
import type { Departures } from "./departures.ts";
import type { Directory } from "./directory.ts";
import type { Dependencies } from "./ports.ts";
import type { PeerIdentity } from "./records.ts";
import { hasKeyForm, routingKey } from "./routing-key.ts";

export type Relay = (sender: PeerIdentity, message: RelayedMessage) => Promise<Refusal | undefined>;

export function createRelay(
	{ sender, crypto, metrics }: Dependencies,
	directory: Directory,
	departures: Departures,
): Relay {
	const noteRelayed = (text: string): undefined => {
		if (metrics === undefined) return;
		metrics.count("SignalsRelayed");
		metrics.measure("BytesRelayed", text);
	};

	return async (from, message) => {
		if (!hasKeyForm(message.to) && !isId(message.to)) return peerNotFound(message.to);
		const text = stampFrom(message, from.peerId);
		if (typeof text !== "string") return text;

		const target: PeerIdentity = { room: from.room, peerId: message.to, key: routingKey(message.to, crypto) };
		const known = directory.locate(target);
		const first = known instanceof Promise ? await known : known;
		if (first === undefined) return peerNotFound(message.to);
		if ((await sender.post(first, text)) === "sent") return noteRelayed(text);

		// Gone: either the peer is on a newer connection by now, or it has departed.
		directory.forget(target, first);
		const second = await directory.relocate(target, first);
		if (second !== undefined && (await sender.post(second, text)) === "sent") return noteRelayed(text);
		await departures.evict([{ ...target, connectionId: second ?? first }]);
		return peerNotFound(message.to);
	};
}
