/** How a frame gets from one peer to another: by key, delivered once or answered by an error. */

import { isId, peerNotFound, type Refusal, type RelayedMessage, stampFrom } from "../../protocol/index.ts";
import type { Departures } from "./departures.ts";
import type { Directory } from "./directory.ts";
import type { Dependencies, Identity } from "./ports.ts";
import { routingKey } from "./routing-key.ts";

export type Relay = (sender: Identity, message: RelayedMessage) => Promise<Refusal | undefined>;

export function createRelay({ sender, crypto }: Dependencies, directory: Directory, departures: Departures): Relay {
	return async (from, message) => {
		const notFound = peerNotFound(message.to);
		if (!isId(message.to)) return notFound;
		const text = stampFrom(message, from.peerId);
		if (typeof text !== "string") return text;

		const target: Identity = { room: from.room, peerId: message.to, key: routingKey(message.to, crypto) };
		const first = await directory.locate(target);
		if (first === undefined) return notFound;
		if ((await sender.post(first, text)) === "sent") return undefined;

		// Gone. Either the peer is on a newer connection by now, or it is no more.
		directory.forget(target, first);
		const second = await directory.relocate(target, first);
		if (second !== undefined && (await sender.post(second, text)) === "sent") return undefined;
		await departures.evict([{ ...target, connectionId: second ?? first }]);
		return notFound;
	};
}
