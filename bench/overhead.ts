/**
 * Measures what the handler itself takes of a warm function, without any input or output: the processor's time of one event, on stores
 * and senders that answer at once.
 *
 *     npm run bench:overhead [-- --dry]
 *
 * Writes its table between the markers in docs/performance.md.
 */
import { Bench } from "tinybench";
import { lruCache } from "../lambda/adapters/lru-cache.ts";
import { memoryStore } from "../lambda/adapters/memory-store.ts";
import { nodeCrypto } from "../lambda/adapters/node-crypto.ts";
import type { Log, PeerSender } from "../lambda/core/ports.ts";
import { DEFAULT_SETTINGS } from "../lambda/core/settings.ts";
import type { GatewayEvent } from "../lambda/gateway-event.ts";
import { createHandler } from "../lambda/handler.ts";
import { aDescription } from "./compare/dialects.ts";
import { replaceBetweenMarkers, table } from "./report.ts";

const SIGNAL_BYTES = 1_000;
const RUN_MS = 2_000;

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };
const SENT = Promise.resolve("sent" as const);
const sender: PeerSender = { post: () => SENT, close: async () => {}, isOpen: async () => true };

const endless = 1_000_000_000;
const handler = createHandler({
	store: memoryStore({ clock: Date }),
	sender,
	clock: Date,
	crypto: nodeCrypto,
	log: silent,
	settings: { ...DEFAULT_SETTINGS, clientRateLimit: endless, clientBurstLimit: endless, sourceRateLimit: endless },
	createCache: lruCache,
});

function anEvent(connectionId: string, frame: object): GatewayEvent {
	return {
		requestContext: {
			eventType: "MESSAGE",
			routeKey: "$default",
			connectionId,
			connectedAt: Date.now(),
			identity: { sourceIp: "192.0.2.1" },
		},
		body: JSON.stringify(frame),
	};
}

const [alice, bob] = [nodeCrypto.random(20), nodeCrypto.random(20)];
await handler(anEvent("alice=", { type: "join", room: "room", peerId: alice }));
await handler(anEvent("bob=", { type: "join", room: "room", peerId: bob }));

const events = {
	"a signal of 1,000 bytes": anEvent("alice=", {
		type: "signal",
		to: bob,
		signal: { type: "offer", sdp: aDescription(SIGNAL_BYTES - 120) },
	}),
	"a candidate of 200 bytes": anEvent("alice=", {
		type: "candidate",
		to: bob,
		candidate: "candidate:1 1 udp 2122260223 192.0.2.1 51000 typ host generation 0",
	}),
	"a frame of no known type": anEvent("alice=", []),
	"a frame of a client that has not joined": anEvent("carol=", { type: "signal", to: bob }),
};

const bench = new Bench({ time: RUN_MS, warmupTime: RUN_MS / 4 });
for (const [name, event] of Object.entries(events)) bench.add(name, async () => void (await handler(event)));
await bench.run();

/** @param samples in ascending order */
const medianOf = (samples: readonly number[] = []) => samples[samples.length >> 1];
const micros = (ms: number | undefined) => ((ms ?? Number.NaN) * 1_000).toFixed(1);
const report = table(
	["a warm event, without input and output", "least, µs", "median, µs"],
	bench.tasks.map(({ name, result }) => [name, micros(result?.min), micros(medianOf(result?.samples))]),
);
console.log(report);
if (!process.argv.includes("--dry")) replaceBetweenMarkers("docs/performance.md", "overhead", report);
process.exit();
