/** What broadcasts move over links, in simulated time; and a storm of them in real tabs of Chromium. */
import { aRoom } from "../../test/client/support/mesh-room.ts";
import { seededRandom } from "../../test/client/support/seeded-random.ts";
import { meshTabs } from "../../test/support/mesh-tabs.ts";

const BODY_BYTES = 10_000;
const BROADCASTS = 200;
const SETTLED_MS = 3_000;

export interface Moved {
	readonly peers: number;
	/** Bytes over all links for each byte that is broadcast, with the frames that serve the mesh: N − 1 is the least. */
	readonly first: number;
	readonly settled: number;
}

/** @param peers with up to eight links each */
export async function measureMoved(peers: number): Promise<Moved> {
	const room = aRoom({ maxPeers: 8, random: seededRandom(peers) });
	for (let n = 0; n < peers; n++) room.join();
	await room.timers.until(() => room.islands().length === 1, 5 * 60_000);
	await room.timers.advance(60_000);
	const origins = [...room.meshes.values()].slice(0, 3);
	const body = new Uint8Array(BODY_BYTES);
	const moved = () => Object.values(room.frameBytes()).reduce((sum, bytes) => sum + bytes, 0);
	const ratioOf = async (broadcasts: number, run: () => Promise<void>) => {
		const before = moved();
		await run();
		return (moved() - before) / (broadcasts * BODY_BYTES);
	};

	const first = await ratioOf(origins.length, async () => {
		for (const origin of origins) {
			void origin.broadcast(body);
			await room.timers.advance(SETTLED_MS);
		}
	});
	for (let round = 0; round < 3; round++) {
		for (const origin of origins) void origin.broadcast(body);
		await room.timers.advance(SETTLED_MS);
	}
	const settled = await ratioOf(BROADCASTS * origins.length, async () => {
		for (let n = 0; n < BROADCASTS; n++) {
			for (const origin of origins) void origin.broadcast(body);
			await room.timers.advance(50);
		}
		await room.timers.advance(SETTLED_MS);
	});
	return { peers, first, settled };
}

export interface Storm {
	readonly broadcasts: number;
	readonly deliveries: number;
	readonly duplicates: number;
	/** From the first broadcast until every tab has every one. */
	readonly seconds: number;
	/** The longest that any tab did not get its turn. */
	readonly standstillMs: number;
}

const TABS = 5;
const STORM = 12_000;

declare global {
	/** What a tab has received: how often, by message. */
	var heard: Map<string, number>;
	var standstillMs: number;
}

/** Every tab broadcasts its share in one loop, all at the same time. */
export async function measureStorm(): Promise<Storm> {
	const { tabs, close } = await meshTabs(TABS);
	const share = STORM / TABS;
	try {
		for (const tab of tabs) {
			await tab.evaluate(() => {
				globalThis.heard = new Map();
				globalThis.standstillMs = 0;
				globalThis.mesh.on("message", ({ from, data }) => {
					const key = `${from} ${(data as { n: number }).n}`;
					globalThis.heard.set(key, (globalThis.heard.get(key) ?? 0) + 1);
				});
				let last = performance.now();
				setInterval(() => {
					const now = performance.now();
					globalThis.standstillMs = Math.max(globalThis.standstillMs, now - last);
					last = now;
				}, 10);
			});
		}
		const start = performance.now();
		const done = tabs.map((tab) =>
			tab.evaluate(
				async ([share, awaited]) => {
					const text = "x".repeat(80);
					for (let n = 0; n < share; n++) await globalThis.mesh.broadcast({ n, text });
					while (globalThis.heard.size < awaited) await new Promise((resolve) => setTimeout(resolve, 20));
				},
				[share, STORM - share] as const,
			),
		);
		await Promise.all(done);
		const seconds = (performance.now() - start) / 1_000;
		const counts = await Promise.all(
			tabs.map((tab) =>
				tab.evaluate(() => ({
					deliveries: [...globalThis.heard.values()].reduce((sum, times) => sum + times, 0),
					messages: globalThis.heard.size,
					standstillMs: globalThis.standstillMs,
				})),
			),
		);
		const sum = (key: "deliveries" | "messages") => counts.reduce((total, one) => total + one[key], 0);
		return {
			broadcasts: STORM,
			deliveries: sum("deliveries"),
			duplicates: sum("deliveries") - sum("messages"),
			seconds,
			standstillMs: Math.max(...counts.map(({ standstillMs }) => standstillMs)),
		};
	} finally {
		await close();
	}
}
