/**
 * The conversation while the gateway misbehaves: the contract under every fault that it is promised to survive.
 * docs/local-gateway.md describes the faults. test/local/promises.test.ts has the promises for the faults under which the
 * contract does not hold.
 */
import { afterAll, beforeAll, describe, inject } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { type ServerOptions, startServer } from "../support/faulty-server.ts";
import { signalingContract } from "./signaling.contract.ts";

const FAULTS: readonly [string, ServerOptions][] = [
	["frames that overtake each other, on three instances", { faults: { frameDelayMs: 15 }, instances: 3 }],
	["a late $disconnect", { faults: { disconnectDelayMs: 200 } }],
	["two $disconnects at once", { faults: { disconnects: 2 } }],
	// With several instances a signal to one that has moved would be lost here: an instance that remembers its old place
	// learns from the 410 that it moved, and until that comes the gateway says that it delivers.
	["a late 410", { faults: { goneDelayMs: 200 } }],
	["a function that freezes", { faults: { freezes: true } }],
	[
		"all of that",
		{ faults: { frameDelayMs: 15, disconnects: 2, disconnectDelayMs: 100, goneDelayMs: 200, freezes: true } },
	],
];

// `npm test` has them together, `npm run test:slow` one by one.
describe.each(inject("thorough") ? FAULTS.slice(0, -1) : FAULTS.slice(-1))("under %s", (_faults, options) => {
	let gateway: Gateway;
	beforeAll(async () => {
		gateway = await startServer(options);
	});
	afterAll(() => gateway.close());

	signalingContract("the local server", { url: () => gateway.url });
});
