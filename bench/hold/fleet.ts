/** All the peers: connects them, drops them and brings them back, and sends signals among them. */
import { randomBytes } from "node:crypto";
import { type Client, type Frame, join, open } from "./client.ts";
import type { Ledger } from "./ledger.ts";

/** Connections that are made at the same time. This does not measure a storm of connects. */
export const BATCH = 100;

export const RETURNS = ["with its key", "without its key", "with another id"] as const;
export type Return = (typeof RETURNS)[number];

export interface Fleet {
	/** The present peers, by id. */
	readonly members: ReadonlyMap<string, Client>;
	/** Ids that no peer has any longer. */
	readonly abandoned: ReadonlyMap<string, { readonly room: string }>;
	/** Connections that ended although neither side asked for it. */
	readonly ends: () => number;
	/** How many clients got `go_away`. */
	readonly goAways: () => number;
	/** Connects peers and lets them join. */
	fill(count: number): Promise<void>;
	/** Cuts the connections of peers that were not cut before, and brings the peers back. */
	dropAndReturn(peers: readonly Client[], how: (index: number) => Return): Promise<void>;
	/** Sends signals among the peers. @returns a function that stops it */
	signal(perSecond: number): () => void;
	/** Another member of the same room. */
	neighbour(peerId: string, room: string): Client;
}

const newId = () => randomBytes(20).toString("hex");
const anyOf = <T>(items: readonly T[]): T => items[Math.floor(Math.random() * items.length)] as T;

/** Does something with all items, `size` of them at a time. */
export async function inBatches<T>(items: readonly T[], size: number, act: (item: T) => Promise<unknown>) {
	for (let start = 0; start < items.length; start += size) {
		await Promise.all(items.slice(start, start + size).map(act));
	}
}

export function createFleet(url: string, roomCount: number, ledger: Ledger): Fleet {
	const members = new Map<string, Client>();
	const abandoned = new Map<string, { room: string }>();
	/** For each room every id that was ever in it: signals go to dropped peers as well. */
	const ids = new Map<string, string[]>(Array.from({ length: roomCount }, (_, n) => [`room ${n}`, []]));
	const rooms = [...ids.keys()];
	let ends = 0;
	let goAways = 0;

	const onFrame = (frame: Frame, peerId: string) => {
		if (frame.type === "signal") ledger.arrived(frame.id as number, peerId);
		else if (frame.type === "error") ledger.refused(frame.id as number, frame.to as string);
		else if (frame.type === "peer_left") ledger.noticed(frame.peerId as string);
		else if (frame.type === "go_away") goAways += 1;
	};
	const onEnd = () => {
		ends += 1;
	};
	const enter = async (peerId: string, room: string, resumeKey?: string, socket = open(url)) => {
		members.set(peerId, await join(await socket, { peerId, room, resumeKey, onFrame, onEnd }));
		// From now on every signal to this peer has a connection to go to.
		ledger.noticed(peerId);
	};

	const bringBack = async (old: Client, how: Return) => {
		const { peerId, room, resumeKey } = old;
		// With its key a peer can return before the server learns that its connection was cut.
		const ready = how === "with its key" ? await open(url) : undefined;
		ledger.cut(peerId);
		members.delete(peerId);
		old.cut();
		if (how === "with its key")
			return enter(peerId, room, resumeKey, Promise.resolve(ready as NonNullable<typeof ready>));

		await new Promise((resolve) => setTimeout(resolve, Math.random() * 500));
		if (how === "without its key") return enter(peerId, room);
		abandoned.set(peerId, { room });
		const id = newId();
		await enter(id, room);
		ids.get(room)?.push(id);
	};

	return {
		members,
		abandoned,
		ends: () => ends,
		goAways: () => goAways,

		async fill(count) {
			const numbers = Array.from({ length: count }, (_, n) => n);
			await inBatches(numbers, BATCH, async (n) => {
				const id = newId();
				const room = rooms[n % rooms.length] as string;
				await enter(id, room);
				ids.get(room)?.push(id);
			});
		},

		async dropAndReturn(peers, how) {
			await Promise.all(peers.map((peer, index) => bringBack(peer, how(index))));
		},

		signal(perSecond) {
			const startedAt = performance.now();
			let sent = 0;
			const timer = setInterval(() => {
				const senders = [...members.values()];
				const due = ((performance.now() - startedAt) / 1000) * perSecond;
				for (; sent < due; sent++) {
					const sender = anyOf(senders);
					const to = anyOf(ids.get(sender.room) as string[]);
					sender.send({
						type: "signal",
						to,
						id: ledger.send(sender.peerId, to),
						signal: { candidate: "x".repeat(300) },
					});
				}
			}, 20);
			return () => clearInterval(timer);
		},

		neighbour(peerId, room) {
			for (;;) {
				const other = members.get(anyOf(ids.get(room) as string[]));
				if (other !== undefined && other.peerId !== peerId) return other;
			}
		},
	};
}
