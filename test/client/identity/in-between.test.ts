/**
 * A peer in between, or a server, that has every signal of a conversation and may drop, repeat, reorder, change, mix and invent:
 * a receiver takes only what its peer signed for it, each once.
 */
import fc from "fast-check";
import { beforeAll, describe, expect, inject, it } from "vitest";
import type { Way } from "../../../client/mesh/post.ts";
import type { RelayedFrame } from "../../../client/signaling/session.ts";
import { aPeer, onTheWire, type TestPeer } from "../support/identities.ts";

type Fields = Record<string, unknown>;

/** Frames that peers of the conversation signed, and nobody but mallory has seen. */
interface Captured {
	/** Bob's to alice: the only ones that alice may take. */
	readonly genuine: readonly RelayedFrame[];
	/** Bob's to carol, bob's in another room, carol's to alice, and mallory's own in bob's name. */
	readonly foreign: readonly RelayedFrame[];
}

const signal = (n: number): RelayedFrame => {
	const attempt = `a${n % 2}`;
	const kinds: readonly Fields[] = [
		{ type: "offer", sdp: `v=0 fingerprint ${n}`, order: 100 + n, round: n, attempt },
		{ type: "answer", sdp: `v=0 fingerprint ${n}`, order: 100 + n, round: n, attempt },
		{ type: "candidate", candidate: { candidate: `candidate ${n}`, sdpMid: "0" }, attempt },
		{ type: "renegotiate", attempt },
	];
	return { type: "signal", signal: kinds[n % 4] };
};
const refusal: RelayedFrame = { type: "connection_rejected", reason: "max_peers_reached", attempt: "a0" };

let captured: Captured;
let bobs: string;
let mallory: TestPeer;

beforeAll(async () => {
	const bob = await aPeer({ id: "bob" });
	const carol = await aPeer({ id: "carol" });
	const elsewhere = await aPeer({ id: "bob", room: "elsewhere", keys: bob.keys });
	mallory = await aPeer({ id: "bob" });
	bobs = bob.key;
	const from = (peer: TestPeer, to: string) =>
		Promise.all(
			[...[0, 1, 2, 3, 4, 5].map(signal), refusal].map(async (frame) => onTheWire(await peer.seal(to, frame))),
		);
	captured = {
		genuine: await from(bob, "alice"),
		foreign: (
			await Promise.all([from(bob, "carol"), from(elsewhere, "alice"), from(carol, "alice"), from(mallory, "alice")])
		).flat(),
	};
});

/** What mallory does with a frame. The numbers choose among the captured ones. */
const deed = fc.record({
	frame: fc.nat({ max: 34 }),
	other: fc.nat({ max: 34 }),
	way: fc.constantFrom<Way>("server", "mesh"),
	change: fc.constantFrom(
		"nothing",
		"strip",
		"take the other's seal",
		"take the other's number",
		"take the other's key",
		"take the other's signature",
		"change the sdp",
		"change the attempt",
		"change the order",
		"change the type",
		"add a field",
		"take a field",
		"wrap as a frame",
	),
});
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never;

/** The frame that arrives. */
function arriving({ frame, other, change }: Deed): RelayedFrame {
	const all = [...captured.genuine, ...captured.foreign];
	const target = onTheWire(all[frame % all.length] as RelayedFrame) as Fields;
	const source = onTheWire(all[other % all.length] as RelayedFrame) as Fields;
	const partOf = (whole: Fields) => (whole.type === "signal" ? (whole.signal as Fields) : whole);
	const part = partOf(target);
	const seal = part.seal as Fields;
	const theirs = partOf(source).seal as Fields;
	const changes: Readonly<Record<string, () => void>> = {
		strip: () => delete part.seal,
		"take the other's seal": () => void (part.seal = theirs),
		"take the other's number": () => void (seal.n = theirs.n),
		"take the other's key": () => void (seal.key = theirs.key),
		"take the other's signature": () => void (seal.sig = theirs.sig),
		"change the sdp": () => void (part.sdp = "v=0 another fingerprint"),
		"change the attempt": () => void (part.attempt = "another"),
		"change the order": () => void (part.order = 1_000),
		"change the type": () => void (part.type = part.type === "offer" ? "answer" : "offer"),
		"add a field": () => void (part.links = 0),
		"take a field": () => delete part.attempt,
		"wrap as a frame": () => Object.assign(target, part, { type: "connect_request", signal: undefined }),
	};
	changes[change]?.();
	return target as unknown as RelayedFrame;
}

describe("a peer in between", () => {
	const runs = { numRuns: inject("thorough") ? 2_000 : 40, seed: 1 };

	it.each([
		["that the server told of", () => bobs],
		["that nobody has named, whose key is known", () => undefined],
	])(
		"gets nothing taken that its peer did not sign for the receiver, and nothing twice: for a peer %s",
		async (_, told) => {
			await fc.assert(
				fc.asyncProperty(fc.array(deed, { maxLength: 30 }), async (deeds) => {
					const alice = await aPeer({ id: "alice" });
					const known = told();
					if (known !== undefined) alice.told.set("bob", known);
					const taken: string[] = [];
					if (known === undefined) {
						const [first] = captured.genuine as [RelayedFrame];
						await alice.accepts("bob", first, "mesh");
						taken.push(JSON.stringify(first));
					}
					for (const what of deeds) {
						const frame = arriving(what);
						// By the server nobody but it can speak in bob's name. Its word outweighs a first contact through the mesh.
						const way = known === undefined ? "mesh" : what.way;
						if (await alice.accepts("bob", frame, way)) taken.push(JSON.stringify(frame));
					}

					const genuine = new Set(captured.genuine.map((frame) => JSON.stringify(frame)));
					expect(taken.filter((frame) => !genuine.has(frame))).toEqual([]);
					expect(new Set(taken).size).toBe(taken.length);
					expect(alice.keyOf("bob")?.key ?? bobs).toBe(bobs);
					// Nothing that was done keeps out what bob signed, once it comes as it is.
					for (const frame of captured.genuine) {
						await alice.timers.advance(10_000);
						expect(await alice.accepts("bob", frame, "mesh")).toBe(!taken.includes(JSON.stringify(frame)));
					}
				}),
				runs,
			);
		},
	);
});
