/** The mesh as its application sees it, before one peer of it. */
import { BadData } from "../data.ts";
import { left, loaded } from "../errors.ts";
import { DONE, heedless } from "../heedless.ts";
import type { JoinOptions, Mesh } from "./api.ts";
import { type MeshParts, Peer } from "./peer.ts";

/** Says what is wrong with data that cannot be sent. */
function explained<Value>(promise: Promise<Value>): Promise<Value> {
	if ((promise as unknown) === DONE) return promise;
	return heedless(
		promise.catch(async (error) => {
			throw error instanceof BadData ? (await loaded(import("../data-faults.ts"))).badRequest(error) : error;
		}),
	);
}

export function assembleMesh(parts: MeshParts): Mesh {
	const { peerId, room } = parts;
	const peer = new Peer(parts);
	const { session, links, extras, emitter } = peer;
	const { on, off } = emitter;

	const join = async ({ links: fewest = 0 }: JoinOptions = {}) => {
		await session.join();
		await ready({ links: fewest });
	};

	const ready = ({ links: fewest = 1 }: JoinOptions = {}) =>
		new Promise<void>((resolve, reject) => {
			const look = () => {
				const isReady = peer.peers().length >= fewest;
				if (!isReady && session.state !== "left") return;
				for (const stop of stops) stop();
				if (isReady) resolve();
				else reject(left());
			};
			const stops = [on("peer:connect", look), on("state", look)];
			look();
		});

	const members = () => heedless(extras.get("members"));
	const listen =
		(add: typeof on): typeof on =>
		(name, listener) => {
			if (/^peer:(join|update|leave)$/.test(name)) members();
			return add(name, listener);
		};

	return {
		peerId,
		room,
		get state() {
			return session.state;
		},
		get region() {
			return session.region;
		},
		get peers() {
			return peer.peers();
		},
		get key() {
			return peer.identity?.key;
		},
		links: () =>
			links.all().map(({ peerId, state, since }) => ({ peerId, state, since, ...peer.identity?.keyOf(peerId) })),
		members() {
			members();
			return extras.started.members?.list() ?? [];
		},
		setMetadata: (metadata) => explained(members().then((part) => part.setMetadata(metadata))),
		stats: async (peerId) => links.get(peerId)?.stats(),
		join: (options) => heedless(join(options)),
		ready: (options) => heedless(ready(options)),
		leave: () => heedless(peer.leave()),
		close: () => peer.close(),
		send: (to, data, options) => explained(peer.send(to, data, options)),
		broadcast: (data, options) => explained(peer.broadcast(data, options)),
		on: listen(on),
		once: listen(emitter.once),
		off,
	};
}
