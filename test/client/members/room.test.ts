/** The members of a room, in meshes of many peers over a pretended server and pretended links. */
import fc from "fast-check";
import { describe, expect, inject, it } from "vitest";
import "../../../client/members/index.ts"; // loaded before, so that no peer waits for it in real time
import { FORGET_MEMBER_MS, MEMBER_GRACE_MS } from "../../../client/limits.ts";
import type { Mesh } from "../../../client/mesh/api.ts";
import { aRoom, type Room } from "../support/mesh-room.ts";
import { seededRandom } from "../support/seeded-random.ts";

const MINUTE = 60_000;

/** The application of one peer: whom it takes for present, by the events alone. */
function anApplication(mesh: Mesh) {
	const present = new Map<string, unknown>();
	const faults: string[] = [];
	let joins = 0;
	mesh.on("peer:join", (peerId, metadata) => {
		joins++;
		if (present.has(peerId)) faults.push(`${peerId} joined twice`);
		present.set(peerId, metadata);
	});
	mesh.on("peer:update", (peerId, metadata) => {
		if (!present.has(peerId)) faults.push(`${peerId} changed, and is not here`);
		present.set(peerId, metadata);
	});
	mesh.on("peer:leave", (peerId) => {
		if (!present.delete(peerId)) faults.push(`${peerId} left, and was not here`);
	});
	mesh.on("state", (state) => {
		if (state === "left") present.clear();
	});
	return {
		present,
		faults,
		get joins() {
			return joins;
		},
	};
}

type Application = ReturnType<typeof anApplication>;

function join(room: Room, applications: Map<Mesh, Application>): Mesh {
	const mesh = room.join();
	applications.set(mesh, anApplication(mesh));
	void mesh.setMetadata({ name: `peer ${mesh.peerId.slice(0, 4)}` });
	return mesh;
}

function leave(room: Room, applications: Map<Mesh, Application>, mesh: Mesh) {
	applications.delete(mesh);
	room.leave(mesh);
}

const nameOf = (id: string) => ({ name: `peer ${id.slice(0, 4)}` });

/** What every peer has to know: all others, each with its name. */
function expectAgreement(room: Room, applications: Map<Mesh, Application>) {
	for (const [mesh, { present, faults }] of applications) {
		const others = [...room.meshes.keys()].filter((id) => id !== mesh.peerId).sort();
		expect(faults).toEqual([]);
		expect([...present.keys()].sort()).toEqual(others);
		expect(
			mesh
				.members()
				.map(({ peerId, metadata }) => [peerId, metadata])
				.sort(),
		).toEqual(others.map((id) => [id, nameOf(id)]));
		expect(Object.fromEntries(present)).toEqual(Object.fromEntries(others.map((id) => [id, nameOf(id)])));
		for (const { peerId, links, hops } of mesh.members()) {
			expect(hops === 1).toBe(mesh.peers.includes(peerId));
			expect([...links].sort()).toEqual([...(room.meshes.get(peerId)?.peers ?? [])].sort());
		}
	}
}

describe("the members of a room", () => {
	it("are the same for all, whatever joins, leaves and renames itself in between", async () => {
		const step = fc.oneof(
			{ weight: 3, arbitrary: fc.constant({ kind: "join" as const }) },
			{ weight: 2, arbitrary: fc.record({ kind: fc.constant("leave" as const), which: fc.nat(99) }) },
			{
				weight: 2,
				arbitrary: fc.record({ kind: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 20_000 }) }),
			},
		);
		await fc.assert(
			fc.asyncProperty(
				fc.array(step, { minLength: 4, maxLength: 24 }),
				fc.integer({ min: 3, max: 8 }),
				fc.nat(),
				async (steps, maxPeers, seed) => {
					const room = aRoom({ maxPeers, random: seededRandom(seed) });
					const applications = new Map<Mesh, Application>();
					join(room, applications);
					join(room, applications);
					for (const next of steps) {
						const meshes = [...room.meshes.values()];
						if (next.kind === "join") join(room, applications);
						else if (next.kind === "wait") await room.timers.advance(next.ms);
						else if (meshes.length > 1) leave(room, applications, meshes[next.which % meshes.length] as Mesh);
					}
					await room.timers.until(() => room.islands().length === 1, 10 * MINUTE);
					await room.timers.advance(2 * FORGET_MEMBER_MS);
					await room.timers.until(() => room.islands().length === 1, 10 * MINUTE);
					await room.timers.advance(2 * MEMBER_GRACE_MS);
					expectAgreement(room, applications);
				},
			),
			{ numRuns: inject("thorough") ? 25 : 6 },
		);
	});

	it("are known to all within a second, and each joins and leaves once", async () => {
		const room = aRoom({ maxPeers: 8, random: seededRandom(1) });
		const applications = new Map<Mesh, Application>();
		for (let n = 0; n < 6; n++) join(room, applications);
		await room.timers.advance(10_000);
		expectAgreement(room, applications);
		for (const { joins } of applications.values()) expect(joins).toBe(5);

		const newcomer = join(room, applications);
		await room.timers.advance(1_000);
		expectAgreement(room, applications);

		leave(room, applications, newcomer);
		await room.timers.advance(MEMBER_GRACE_MS + 500);
		expectAgreement(room, applications);
		for (const { joins } of applications.values()) expect(joins).toBe(6);
	});

	it("cost nothing while nothing changes", async () => {
		const room = aRoom({ maxPeers: 4, random: seededRandom(3) });
		const applications = new Map<Mesh, Application>();
		for (let n = 0; n < 20; n++) join(room, applications);
		await room.timers.advance(5 * MINUTE);
		expectAgreement(room, applications);
		const silent = aRoom({ maxPeers: 4, random: seededRandom(3) });
		for (let n = 0; n < 20; n++) silent.join();
		await silent.timers.advance(MINUTE);

		const before = room.frameCounts().members ?? 0;
		await room.timers.advance(10 * MINUTE);
		expect(room.frameCounts().members).toBe(before);
		expect(silent.frameCounts().members).toBeUndefined();
	});

	it("are passed on by peers that do not ask for them", async () => {
		const room = aRoom({ maxPeers: 2, random: seededRandom(5) });
		const silent = Array.from({ length: 6 }, () => room.join());
		await room.timers.until(() => room.islands().length === 1, 5 * MINUTE);
		const [first, , , last] = silent as [Mesh, Mesh, Mesh, Mesh];
		const applications = new Map([first, last].map((mesh) => [mesh, anApplication(mesh)] as const));
		for (const mesh of applications.keys()) void mesh.setMetadata(nameOf(mesh.peerId));
		await room.timers.advance(10_000);
		expect(first.members()).toHaveLength(5);
		expect(first.members().find(({ peerId }) => peerId === last.peerId)?.metadata).toEqual(nameOf(last.peerId));
		for (const { faults, joins } of applications.values()) expect({ faults, joins }).toEqual({ faults: [], joins: 5 });
	});

	it("change their metadata, of which the others hear once", async () => {
		const room = aRoom({ maxPeers: 3, random: seededRandom(2) });
		const applications = new Map<Mesh, Application>();
		const meshes = Array.from({ length: 8 }, () => join(room, applications));
		await room.timers.advance(MINUTE);
		const heard: unknown[] = [];
		for (const mesh of meshes.slice(1)) mesh.on("peer:update", (...news) => heard.push(news));
		const [first] = meshes as [Mesh];
		await first.setMetadata({ name: "teal otter", mood: 7 });
		await room.timers.advance(1_500);
		expect(heard).toEqual(meshes.slice(1).map(() => [first.peerId, { name: "teal otter", mood: 7 }]));
	});

	it("begin afresh after leave and join", async () => {
		const room = aRoom({ maxPeers: 3, random: seededRandom(2) });
		const applications = new Map<Mesh, Application>();
		const [first] = Array.from({ length: 3 }, () => join(room, applications)) as [Mesh];
		await room.timers.advance(MINUTE);
		void first.leave();
		await room.timers.advance(MINUTE);
		expect(first.members()).toEqual([]);
		void first.join();
		await room.timers.advance(MINUTE);
		expectAgreement(room, applications);
	});
});
