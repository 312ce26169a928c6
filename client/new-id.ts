/**
 * A mesh that goes on under a new id when another client has its own. Loaded only if it is asked for.
 *
 * A mesh has one id from its beginning, because its links and its neighbours know it by that id. So this is a mesh after
 * a mesh: the one whose id was taken has ended, and the next one takes its place for the application.
 */
import { createEmitter } from "./emitter.ts";
import { heedless } from "./heedless.ts";
import type { Member, Mesh, MeshEvents } from "./mesh/api.ts";

type Forwarded = Exclude<keyof MeshEvents, "id">;

/** An object, so that the compiler asks for a name that is missing. */
const FORWARDED: Readonly<Record<Forwarded, true>> = {
	"peer:connect": true,
	"peer:disconnect": true,
	"peer:discovered": true,
	"peer:gone": true,
	"peer:join": true,
	"peer:update": true,
	"peer:leave": true,
	message: true,
	region: true,
	transfer: true,
	state: true,
	signaling: true,
	error: true,
};

/** Hexadecimal digits of a new id: the form of the default ids. */
const NEW_ID_DIGITS = 40;

/** @param open makes a mesh that is not joined yet, with the id that the application chose unless another is given */
export function meshWithNewIds(open: (peerId?: string) => Mesh, randomHex: (digits: number) => string): Mesh {
	const { on, once, off, emit } = createEmitter<MeshEvents>();
	let mesh = adopt();
	/** Whether no server has welcomed the newest id. A server that refuses that one, too, refuses every id. */
	let unproven = false;
	let metadata: Member["metadata"] | undefined;

	function adopt(peerId?: string): Mesh {
		const next = open(peerId);
		for (const name of Object.keys(FORWARDED) as Forwarded[]) next.on(name, (...values) => hear(next, name, values));
		return next;
	}

	function hear<Name extends Forwarded>(from: Mesh, name: Name, values: MeshEvents[Name]) {
		if (name === "state" && from.state === "joined") unproven = false;
		// The error that tells the reason follows at once.
		if (name === "state" && from.state === "left") return queueMicrotask(() => from === mesh && emit(name, ...values));
		const [error] = name === "error" ? (values as MeshEvents["error"]) : [];
		if (error?.code === "PEER_ID_TAKEN" && from.state === "left" && !unproven) renew();
		else emit(name, ...values);
	}

	function renew() {
		const { peerId: former } = mesh;
		unproven = true;
		mesh = adopt(randomHex(NEW_ID_DIGITS));
		emit("id", mesh.peerId, former);
		if (metadata !== undefined) void mesh.setMetadata(metadata);
		void mesh.join();
	}

	/** What was asked of a mesh whose id was taken is asked of its successor. */
	async function ask(call: (mesh: Mesh) => Promise<void>): Promise<void> {
		for (;;) {
			const asked = mesh;
			try {
				return await call(asked);
			} catch (error) {
				if (asked === mesh) throw error;
			}
		}
	}

	return {
		get peerId() {
			return mesh.peerId;
		},
		get room() {
			return mesh.room;
		},
		get key() {
			return mesh.key;
		},
		get state() {
			return mesh.state;
		},
		get region() {
			return mesh.region;
		},
		get peers() {
			return mesh.peers;
		},
		links: () => mesh.links(),
		members: () => mesh.members(),
		async setMetadata(given) {
			await mesh.setMetadata(given);
			metadata = given; // the mesh has accepted it
		},
		stats: (...of) => mesh.stats(...of),
		join: (options) => heedless(ask((asked) => asked.join(options))),
		ready: (options) => heedless(ask((asked) => asked.ready(options))),
		leave: () => mesh.leave(),
		close: () => mesh.close(),
		send: (...message) => mesh.send(...message),
		broadcast: (...message) => mesh.broadcast(...message),
		on,
		once,
		off,
	};
}
