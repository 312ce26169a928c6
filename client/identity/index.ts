/**
 * The identity: signs this peer's signals, and takes only signals that their senders have signed. Loads while the socket to
 * the server opens.
 */
import type { Environment } from "../environment.ts";
import { badOptions, type MeshError } from "../errors.ts";
import type { PeerKey } from "../mesh/api.ts";
import type { Links } from "../mesh/links.ts";
import type { Post, Sealed } from "../mesh/post.ts";
import type { Roster } from "../mesh/roster.ts";
import type { MeshOptions } from "../options.ts";
import { ownKey } from "./keys.ts";
import { inLanes, type Sealing } from "./lanes.ts";
import { bytesToSign, writeSeal } from "./seal.ts";
import { type Content, eachSignal } from "./signals.ts";
import { Verifier } from "./verifier.ts";

/** The mesh, as the identity sees it. */
export interface IdentityHost {
	readonly environment: Pick<Environment, "timers">;
	readonly peerId: string;
	readonly room: string;
	readonly links: Pick<Links, "get">;
	readonly roster: Pick<Roster, "identity">;
	readonly post: Post;
	readonly emit: (name: "error", error: MeshError) => void;
	/** Asks the server about a peer, for the roster to know. */
	enquire(peerId: string): Promise<unknown>;
	/** Ends a link, whether it is open or not. */
	expel(peerId: string): void;
}

export interface Identity {
	/** The hash of our public key. */
	readonly key: string;
	readonly start: (host: IdentityHost) => OwnIdentity;
}

export interface OwnIdentity extends Sealing, Sealed {
	readonly key: string;
	/** The key that a peer has proved. */
	keyOf(peerId: string): PeerKey | undefined;
	/** The server named a peer. */
	named(peerId: string): void;
}

/** @throws MeshError `BAD_OPTIONS` if these are no keys to sign with, or the options do not fit together */
export async function createIdentity({ keys, verify, peerId, onIdTaken }: MeshOptions = {}): Promise<Identity> {
	if (globalThis.crypto?.subtle === undefined) {
		throw badOptions(
			"keys, verify and the peerId key need WebCrypto, which a page has with https or on localhost only.",
		);
	}
	if (verify !== undefined && verify !== "key" && typeof verify !== "function") {
		throw badOptions(`verify must be key or a function; got ${verify}.`);
	}
	if (peerId === "key" && onIdTaken === "new-id") {
		throw badOptions("onIdTaken must be leave with the peerId key: a new id would not be the key's hash.");
	}
	const { hash: key, raw, sign } = await ownKey(keys);
	/** Grows, also over a restart with the same keys. */
	let last = 0;

	const start = (host: IdentityHost): OwnIdentity => {
		const { peerId: from, room, environment } = host;
		const verifier = new Verifier(host, verify);

		const sealed = async (to: string, kind: "frame" | "signal", content: Content): Promise<Content> => {
			const n = (last = Math.max(last + 1, environment.timers.now()));
			const signature = await sign(bytesToSign({ room, from, to }, kind, n, content));
			return { ...content, seal: writeSeal({ key: raw, n, signature }) };
		};

		const sealing: Sealing = {
			seal: (to, frame) =>
				eachSignal(frame, (kind, content) => sealed(to, kind, content)).then((whole) => whole ?? frame),
			open: (peerId, frame, way) =>
				eachSignal(frame, async (kind, content) =>
					(await verifier.takes(peerId, kind, content, way)) ? content : undefined,
				),
		};
		return {
			...inLanes(sealing, host.post),
			key,
			keyOf: (peerId) => verifier.keyOf(peerId),
			named: (peerId) => verifier.named(peerId),
		};
	};
	return { key, start };
}
