/** Parts of the client that load when they are needed, on a network that does not give them at first. */
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createEmitter } from "../../client/emitter.ts";
import { createMesh, type MeshOptions } from "../../client/index.ts";
import type { Mesh, MeshEvents } from "../../client/mesh/api.ts";
import { type ExtraHost, Extras } from "../../client/mesh/extras.ts";
import { Routing } from "../../client/mesh/routing.ts";
import { lateRepair } from "../../client/webrtc/late-repair.ts";
import { committedSizes } from "../../scripts/build-client.mjs";
import { anOpenPair } from "./support/fake-peer-link.ts";
import { fakeTimers } from "./support/fake-timers.ts";
import { fakeWire } from "./support/mesh-links.ts";
import { aMeshUnderTest, type MeshUnderTest } from "./support/mesh-session.ts";
import { seededHex, seededRandom } from "./support/seeded-random.ts";

/** What the built package names them, and where they are. */
const FILES = {
	blob: "transfer/blob.ts",
	"data-faults": "data-faults.ts",
	"failure-texts": "webrtc/failure-texts.ts",
	identity: "identity/index.ts",
	island: "mesh/island.ts",
	members: "members/index.ts",
	"new-id": "new-id.ts",
	"option-faults": "option-faults.ts",
	overlay: "overlay/index.ts",
	p2pmesh: "mesh/p2pmesh.ts",
	regions: "regions/index.ts",
	repair: "webrtc/repair.ts",
	search: "mesh/search.ts",
	stats: "webrtc/stats.ts",
	transfer: "transfer/index.ts",
	tree: "mesh/tree.ts",
	ways: "mesh/ways.ts",
	"with-signal": "with-signal.ts",
} as const;

type Part = keyof typeof FILES;

/** The part cannot be had, until the network is mended. */
async function without(part: Part): Promise<{ mend(): Promise<void> }> {
	const path = `../../client/${FILES[part]}`;
	// The test runner does not always forget a failure of a module that it has never had.
	await import(path);
	vi.doMock(path, () => Promise.reject(new TypeError("Failed to fetch.")));
	onTestFinished(() => void vi.doUnmock(path));
	// Both take effect with the next import.
	await expect(import(path)).rejects.toThrow();
	return {
		async mend() {
			vi.doUnmock(path);
			await import(path);
		},
	};
}

const outcomeOf = (promise: Promise<unknown>) =>
	promise.then(
		(value) => (value as Mesh | undefined)?.state ?? value,
		({ code }) => code,
	);

async function joined() {
	const under = aMeshUnderTest();
	await under.join();
	await under.offer("a");
	return under.mesh;
}

const given = {
	WebSocket: class {},
	webrtc: { RTCPeerConnection: class {} as never },
	signalingServerUrl: "ws://localhost",
};
/** Makes no more than a mesh. */
const create = (options: MeshOptions) => () => createMesh({ ...given, ...options });

it("are all looked at here", () => {
	expect(Object.keys(FILES).sort()).toEqual(Object.keys(committedSizes().parts).sort());
});

describe("a part that a caller needs", () => {
	const uses: [Part, what: string, use: (mesh: Mesh) => Promise<unknown>, outcome: unknown][] = [
		["blob", "broadcast of a Blob", (mesh) => mesh.broadcast(new Blob(["x"])), 1],
		["data-faults", "broadcast of a Map", (mesh) => mesh.broadcast(new Map()), "BAD_REQUEST"],
		["members", "setMetadata", (mesh) => mesh.setMetadata({ name: "m" }), undefined],
		["transfer", "send with ack", (mesh) => mesh.send("m", 1, { ack: true }), "NO_ROUTE"],
		["transfer", "send to a peer that is no neighbour", (mesh) => mesh.send("m", 1), "NO_ROUTE"],
		["option-faults", "createMesh with wrong options", create({ maxPeers: 0 }), "BAD_OPTIONS"],
		["new-id", "createMesh with new ids", create({ onIdTaken: "new-id" }), "new"],
		["with-signal", "createMesh with a signal", create({ signal: new AbortController().signal }), "new"],
		["identity", "createMesh with verify", create({ verify: "key" }), "new"],
		["identity", "createMesh with its key as id", create({ peerId: "key" }), "new"],
		[
			"regions",
			"createMesh with regions",
			create({ regions: ["ws://a.test", "ws://b.test"], signalingServerUrl: undefined as never }),
			"new",
		],
		["members", "createMesh with metadata", create({ metadata: { name: "m" } }), "new"],
	];

	it.each(uses)(
		"%s: %s rejects with NOT_LOADED, and does its work once the part can be had",
		async (part, _, use, outcome) => {
			const mesh = await joined();
			const { mend } = await without(part);
			await expect(use(mesh)).rejects.toMatchObject({ code: "NOT_LOADED", retryable: true, cause: expect.any(Error) });
			expect(await outcomeOf(use(mesh))).toBe("NOT_LOADED");
			await mend();
			expect(await outcomeOf(use(mesh))).toBe(outcome);
		},
	);

	it("stats: stats rejects with NOT_LOADED, and does its work once the part can be had", async () => {
		const { a } = await anOpenPair();
		const { mend } = await without("stats");
		await expect(a.link?.stats()).rejects.toMatchObject({ code: "NOT_LOADED" });
		await mend();
		expect(await a.link?.stats()).toBeUndefined(); // the pretended connection counts nothing
	});
});

describe("a part that a neighbour's frame needs", () => {
	it.each(["island", "members", "overlay", "search", "transfer", "tree", "ways"] as const)(
		"%s: is an error NOT_LOADED, and is tried again with the next frame",
		async (part) => {
			const errors: unknown[] = [];
			const emitter = createEmitter<MeshEvents>();
			emitter.on("error", ({ code }) => errors.push(code));
			const extras = new Extras({ ...hostOf(), emitter });
			const { mend } = await without(part);
			const taken: string[] = [];
			const use = (frame: string) => extras.use(part, () => taken.push(frame));

			use("lost");
			await vi.waitFor(() => expect(errors).toEqual(["NOT_LOADED"]));
			await mend();
			use("first");
			use("second");
			await vi.waitFor(() => expect(taken).toEqual(["first", "second"]));
			expect(extras.started[part]).toBeDefined();
		},
	);

	it("keeps no broadcast back: they flood", async () => {
		for (const part of ["island", "tree"] as const) await without(part);
		const under = aMeshUnderTest();
		await under.join();
		for (const peer of ["a", "b"]) await under.offer(peer);
		expect(await under.mesh.broadcast("hello")).toBe(2);
		under.say("a", { i: "1", f: "x", h: 5 }, new TextEncoder().encode('"hello"'));
		await under.timers.advance(1);
		expect(under.heardBy("b")).toContainEqual(expect.objectContaining({ i: "1", h: 4 }));
	});
});

describe("a part that nothing was asked of", () => {
	it("identity: the mesh does without keys, and the application is told", async () => {
		await without("identity");
		const errors: unknown[] = [];
		const mesh = await create({})();
		mesh.on("error", ({ code }) => errors.push(code));

		await vi.waitFor(() => expect(errors).toEqual(["NOT_LOADED"]));
		expect([mesh.key, mesh.state]).toEqual([undefined, "new"]);
	});
});

describe("a part that a link needs", () => {
	it("repair: an attempt without it ends when its path breaks, and the next attempt has it", async () => {
		const heard: string[] = [];
		const connection = { connectionState: "connected" as RTCPeerConnectionState };
		const attempt = () =>
			lateRepair({
				timers: fakeTimers(),
				connection,
				role: "caller",
				signaling: { isUp: () => true, probe() {} },
				possible: () => true,
				restart: () => heard.push("restart"),
				repeat() {},
				isSilent: () => false,
				check() {},
				giveUp: () => heard.push("give up"),
			});
		const { mend } = await without("repair");
		const first = attempt();
		await first.load();
		await mend();
		expect(first.part).toBeUndefined();
		connection.connectionState = "failed";
		first.watch();
		expect(heard).toEqual(["give up"]);

		const next = attempt();
		await next.load();
		expect(heard).toEqual(["give up", "restart"]);
	});

	it("failure-texts: the error has the reason in place of its sentence", async () => {
		const failure = async () => {
			const under = aMeshUnderTest();
			await under.join("z");
			await under.timers.advance(20_000);
			return vi.waitFor(() => under.events.find(([name]) => name === "error")?.[1] ?? Promise.reject());
		};
		const { mend } = await without("failure-texts");
		expect(await failure()).toMatchObject({
			code: "LINK_FAILED",
			reason: "timeout",
			message: "No link to z: timeout.",
		});
		await mend();
		expect(await failure()).toMatchObject({ message: "No link to z: it did not answer in time." });
	});

	it("p2pmesh: the link to such a peer is closed, and the next one has the part", async () => {
		const { mend } = await without("p2pmesh");
		const sent: unknown[] = [];
		const under: MeshUnderTest = aMeshUnderTest({
			createLink(options, events) {
				const link = Object.assign(fakeWire(under.timers, () => 1).createLink(options, events), {
					foreign: true,
					send: async (message: unknown) => void sent.push(message),
				});
				return link;
			},
		});
		await under.join();
		await under.offer("a");
		await vi.waitFor(() => expect(under.mesh.peers).toEqual([]));
		expect(under.events).toContainEqual(["error", expect.objectContaining({ code: "NOT_LOADED" })]);
		await mend();
		await under.offer("a");
		await under.mesh.send("a", "hello");
		expect(sent).toEqual(['{"type":"direct","payload":"hello"}']);
	});
});

/** What the parts need to start. */
function hostOf(): ExtraHost {
	const environment = { timers: fakeTimers(), random: () => 0.5, randomHex: seededHex(seededRandom(1)) } as never;
	const routing = new Routing({
		environment,
		selfId: "m",
		neighbours: () => [],
		tree: () => undefined,
		transmit: async () => {},
		deliver() {},
	});
	return {
		environment,
		selfId: "m",
		maxPeers: 3,
		maxReceiveBytes: 0,
		emitter: createEmitter<MeshEvents>(),
		links: {} as never,
		post: {} as never,
		routing,
		peers: () => [],
		ours: () => [],
		redundant: () => [],
		hasTree: () => false,
		isPresent: () => true,
		knowsOverlay: () => undefined,
		hasEnough: () => false,
		giveUp() {},
		neighbourhood: {} as never,
		search() {},
		transmit: async () => {},
		control() {},
	};
}
