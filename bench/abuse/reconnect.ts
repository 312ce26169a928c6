/**
 * A client that reconnects before its connection's limits hold: how many searches it gets, and whether sixty honest
 * peers still reach each other. The clock is not the machine's, so the rates are exact.
 */
import { DEFAULT_SETTINGS, type Settings } from "../../lambda/core/settings.ts";
import { aHexId } from "../../test/support/client.ts";
import { aWorld } from "../../test/support/world.ts";
import { table } from "../report.ts";

const SECONDS = 120;
/** The stage lets 1,000 requests through in a second: 50 connections with 20 frames each. */
const CONNECTS_PER_SECOND = 50;
const SEARCHES_PER_CONNECTION = 19;
const HONEST = 60;
const INSTANCES = 10;

async function flood(settings: Partial<Settings>) {
	const world = aWorld(settings);
	const instances = Array.from({ length: INSTANCES }, () => world.anInstance());
	const anyInstance = () => instances[Math.floor(Math.random() * INSTANCES)] as (typeof instances)[number];
	const honest = [];
	for (let n = 0; n < HONEST; n++) {
		const address = `203.0.113.${n}`;
		const id = world.open(address);
		const peerId = aHexId();
		await anyInstance().connect(world.connection(id), {});
		await world.send(id, { type: "join", room: "honest", peerId }, anyInstance());
		honest.push({ id, peerId });
	}

	let searches = 0;
	let lastSecond = 0;
	let signals = 0;
	let arrived = 0;
	for (let second = 0; second < SECONDS; second++) {
		const before = searches;
		for (let n = 0; n < CONNECTS_PER_SECOND; n++) {
			world.clock.forward(1_000 / CONNECTS_PER_SECOND);
			const id = world.open("198.51.100.66");
			if ((await anyInstance().connect(world.connection(id), {})) !== "accepted") continue;
			await world.send(id, { type: "join", room: "honest", peerId: aHexId() }, anyInstance());
			for (let k = 0; k < SEARCHES_PER_CONNECTION && world.isOpen(id); k++) {
				await world.send(id, { type: "find_peers", target: aHexId(), count: 32 }, anyInstance());
			}
			searches += world.take(id).filter((frame) => frame.type === "bootstrap_peers").length;
			world.end(id);
			await anyInstance().disconnect(id);
		}
		lastSecond = searches - before;
		const from = honest[second % HONEST] as (typeof honest)[number];
		const to = honest[(second * 7 + 1) % HONEST] as (typeof honest)[number];
		world.take(to.id);
		await world.send(from.id, { type: "signal", to: to.peerId, n: second }, anyInstance());
		signals += 1;
		arrived += world.take(to.id).filter((frame) => frame.type === "signal" && frame.n === second).length;
	}
	return { perSecond: searches / SECONDS, lastSecond, signals, arrived };
}

export async function run(): Promise<void> {
	const without = await flood({ sourceRateLimit: 0 });
	const within = await flood({});
	const cells = (name: string, { perSecond, lastSecond, signals, arrived }: typeof without) => [
		name,
		perSecond.toFixed(1),
		String(lastSecond),
		`${arrived} of ${signals}`,
	];
	console.log(
		table(
			["", "searches a second", "in the last second", "signals of honest peers that arrived"],
			[cells("without limits of a source", without), cells("at the defaults", within)],
		),
	);
	const { sourceRateLimit, sourceBurstLimit } = DEFAULT_SETTINGS;
	// Two kinds of batches that an instance has not reported, for joins and searches alike.
	const most = sourceRateLimit + (sourceBurstLimit + INSTANCES * 20) / SECONDS;
	if (within.perSecond > most || within.arrived < within.signals) process.exitCode = 1;
}
