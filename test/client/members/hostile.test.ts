/** What a neighbour may say about the members of the room. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import "../../../client/members/index.ts"; // loaded before, so that no peer waits for it in real time
import {
	MAX_CORRECTIONS,
	MAX_MEMBERS,
	MAX_METADATA_BYTES,
	MAX_RECORDS_HEARD_BYTES,
	MEMBER_GRACE_MS,
	RECORDS_HEARD_MS,
	SPREAD_MS,
} from "../../../client/limits.ts";
import { isNewer } from "../../../client/members/record.ts";
import { aMeshUnderTest, type MeshUnderTest } from "../support/mesh-session.ts";

const GREETING = { k: "members" };
const MOMENT = 3 * SPREAD_MS;

/** Our id is m. */
async function aRoomWith(...peers: string[]): Promise<MeshUnderTest> {
	const under = aMeshUnderTest();
	under.mesh.members();
	await under.join();
	for (const peer of peers) await under.offer(peer);
	await under.timers.advance(MOMENT);
	return under;
}

const tell = (under: MeshUnderTest, from: string, told: object) =>
	under.say(from, GREETING, new TextEncoder().encode(JSON.stringify(told)));

const membersOf = ({ mesh }: MeshUnderTest) =>
	Object.fromEntries(mesh.members().map((member) => [member.peerId, member]));

/** The records that a neighbour got, the newest of each peer. */
const recordsOf = (under: MeshUnderTest, peerId: string): Record<string, [string, number, string[], object]> =>
	Object.fromEntries(
		under
			.toldTo(peerId)
			.flatMap(({ records = [] }: { records?: [string, number, string[], object][] }) => records)
			.map((record) => [record[0], record]),
	);

describe("a neighbour", () => {
	it("that does not answer the greeting gets nothing else, and is a member without metadata", async () => {
		const under = await aRoomWith("a");
		const joined: unknown[] = [];
		under.mesh.on("peer:join", (...news) => joined.push(news));
		await under.timers.advance(MEMBER_GRACE_MS + MOMENT);
		expect(under.heardBy("a").filter((header) => "k" in header && header.k === "members")).toEqual([GREETING]);
		expect(under.toldTo("a")).toEqual([]);
		expect(membersOf(under)).toEqual({ a: { peerId: "a", metadata: {}, links: [], hops: 1 } });
		expect(joined).toEqual([["a", {}]]);
	});

	it("hears of changes only, once it has all", async () => {
		const under = await aRoomWith("a");
		under.say("a", GREETING);
		tell(under, "a", { have: [] });
		tell(under, "a", { records: [["a", 1, ["m"], {}]] });
		await under.timers.advance(MOMENT);
		expect(recordsOf(under, "a")).toMatchObject({ m: ["m", expect.any(Number), ["a"], {}] });
		const before = under.toldTo("a").length;
		await under.timers.advance(60 * MEMBER_GRACE_MS);
		expect(under.toldTo("a")).toHaveLength(before);

		await under.mesh.setMetadata({ name: "teal otter" });
		await under.timers.advance(MOMENT);
		expect(recordsOf(under, "a")).toMatchObject({ m: ["m", expect.any(Number), ["a"], { name: "teal otter" }] });
	});

	it("is not told what its own neighbour has told it", async () => {
		const under = await aRoomWith("a", "b", "c");
		for (const peer of ["a", "b", "c"]) under.say(peer, GREETING);
		tell(under, "a", { records: [["a", 1, ["m", "b"], {}]] });
		await under.timers.advance(MOMENT);
		expect(recordsOf(under, "b")).not.toHaveProperty("a");
		expect(recordsOf(under, "c")).toHaveProperty("a");
	});
});

describe("a forged record", () => {
	it("of this peer is outbid, whatever its version", async () => {
		for (const version of [0, 1, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff]) {
			const under = await aRoomWith("a");
			await under.mesh.setMetadata({ name: "I" });
			under.say("a", GREETING);
			tell(under, "a", { have: [] });
			await under.timers.advance(MOMENT);
			const [, own = 0] = recordsOf(under, "a").m ?? [];
			tell(under, "a", { records: [["m", version, [], { name: "you" }]] });
			tell(under, "a", { have: [["m", version]] });
			await under.timers.advance(MOMENT);
			const [, after = 0, , metadata] = recordsOf(under, "a").m ?? [];
			expect(metadata).toEqual({ name: "I" });
			expect(isNewer(after, version) || isNewer(own, version)).toBe(true);
		}
	});

	it("of this peer does not make it talk on and on", async () => {
		const under = await aRoomWith("a", "b");
		for (const peer of ["a", "b"]) under.say(peer, GREETING);
		await under.timers.advance(MOMENT);
		const before = under.toldTo("b").length;
		for (let n = 0; n < 90; n++) {
			const [, version = 0] = recordsOf(under, "a").m ?? [];
			tell(under, "a", { records: [["m", (version + 1_000) >>> 0, [], {}]] });
			await under.timers.advance(SPREAD_MS);
		}
		expect(under.toldTo("b").length - before).toBeLessThanOrEqual(2 * MAX_CORRECTIONS);
	});

	it("of peers that nobody else knows displaces its neighbour's own only", async () => {
		const under = await aRoomWith("a", "b");
		for (const peer of ["a", "b"]) under.say(peer, GREETING);
		const known = ["b", "x1", "x2", "x3"];
		tell(under, "b", { records: known.map((id) => [id, 1, known.concat("m"), {}]) });
		const invented = Array.from({ length: 2 * MAX_MEMBERS }, (_, n) => `invented ${n}`);
		for (let at = 0; at < invented.length; at += 64) {
			const some = invented.slice(at, at + 64);
			tell(under, "a", { records: [["a", at, ["m", ...some], {}], ...some.map((id) => [id, 1, ["a"], {}])] });
			await under.timers.advance(MOMENT);
		}
		expect(under.mesh.members().length).toBeLessThanOrEqual(MAX_MEMBERS + 3);
		expect(membersOf(under)).toMatchObject(Object.fromEntries(known.map((peerId) => [peerId, { peerId }])));
	});

	it("is as large as a record may be, or is none", async () => {
		const under = await aRoomWith("a");
		under.say("a", GREETING);
		const record = (fields: object) => {
			const { id = "x", version = 1, links = ["a"], metadata = {} } = fields as Record<string, unknown>;
			return [id, version, links, metadata];
		};
		const text = (length: number) => "x".repeat(length);
		const bad = [
			record({ id: "" }),
			record({ id: text(129) }),
			record({ version: -1 }),
			record({ version: 1.5 }),
			record({ version: 2 ** 32 }),
			record({ links: "a" }),
			record({ links: [1] }),
			record({ links: Array(MAX_MEMBERS + 1).fill("a") }),
			record({ metadata: [] }),
			record({ metadata: "name" }),
			record({ metadata: { name: text(MAX_METADATA_BYTES) } }),
		];
		tell(under, "a", { records: [["a", 1, ["m", "x"], {}], ...bad] });
		await under.timers.advance(MEMBER_GRACE_MS + 2 * MOMENT);
		expect(membersOf(under).x).toEqual({ peerId: "x", metadata: {}, links: [], hops: 2 });

		tell(under, "a", { records: [record({ metadata: { name: text(MAX_METADATA_BYTES - 12) } })] });
		await under.timers.advance(MOMENT);
		expect(membersOf(under).x?.links).toEqual(["a"]);
	});
});

describe("a neighbour that says a lot", () => {
	it("is not read beyond a limit, and asked again later, so that nothing stays lost", async () => {
		const under = await aRoomWith("a");
		under.say("a", GREETING);
		await under.timers.advance(MOMENT);
		const filler = { filler: "x".repeat(MAX_RECORDS_HEARD_BYTES) };
		tell(under, "a", filler);
		tell(under, "a", { records: [["a", 1, ["m"], { name: "lost" }]] });
		await under.timers.advance(MEMBER_GRACE_MS + MOMENT);
		expect(membersOf(under).a?.metadata).toEqual({});

		const asked = () => under.toldTo("a").filter((told) => "have" in told).length;
		const before = asked();
		await under.timers.advance(RECORDS_HEARD_MS);
		expect(asked()).toBe(before + 1);
		tell(under, "a", { records: [["a", 1, ["m"], { name: "there" }]] });
		await under.timers.advance(MOMENT);
		expect(membersOf(under).a?.metadata).toEqual({ name: "there" });
	});

	it("of any values throws nowhere", async () => {
		const value = fc.oneof(
			fc.constantFrom<unknown>("a", "m", "b", "", 0, -1, 1e300, null, {}, [], ["m"], ["a", 1, ["m"], {}], ["m", 1]),
			fc.jsonValue({ maxDepth: 3 }),
		);
		const told = fc.oneof(
			fc.record({ have: fc.oneof(fc.array(value), value) }),
			fc.record({ records: fc.oneof(fc.array(value), value) }),
			value.map((one) => ({ one })),
		);
		await fc.assert(
			fc.asyncProperty(fc.array(told, { maxLength: 20 }), async (all) => {
				const under = await aRoomWith("a");
				for (const one of all) tell(under, "a", one);
				await under.timers.advance(MEMBER_GRACE_MS * 2);
				expect(under.mesh.peers).toEqual(["a"]);
				expect(membersOf(under)).not.toHaveProperty("m");
			}),
			{ numRuns: 50 },
		);
	});
});
