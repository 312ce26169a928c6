/** The conversation with the bundle while the gateway misbehaves: refused callbacks are tried again. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { GatewayFaults } from "../../local/faults.ts";
import type { Gateway } from "../../local/gateway.ts";
import { accountFor } from "../support/accounting.ts";
import { startBundle } from "../support/bundle-server.ts";
import { aRoom, connect } from "../support/client.ts";
import { type LocalDynamodb, startDynamodb } from "../support/dynamodb.ts";
import { PATIENCE_MS } from "../support/waiting.ts";
import { signalingContract } from "./signaling.contract.ts";

describe("the built bundle", () => {
	let dynamodb: LocalDynamodb;
	beforeAll(async () => {
		dynamodb = await startDynamodb();
	});
	afterAll(() => dynamodb.close());

	describe("under a function that freezes, two $disconnects at once, and clients that are refused once", () => {
		let gateway: Gateway;
		beforeAll(async () => {
			gateway = await startBundle(dynamodb.tableName, {
				faults: { freezes: true, disconnects: 2, throttled: { firstOfEach: 1 } },
			});
		});
		afterAll(() => gateway.close());

		signalingContract("the built bundle", { url: () => gateway.url });
	});

	describe("under refused callbacks", () => {
		const aBundle = async (faults: GatewayFaults) => {
			const gateway = await startBundle(dynamodb.tableName, { faults, graceMs: PATIENCE_MS });
			onTestFinished(() => gateway.close());
			return gateway;
		};
		/** The function writes its log to the standard output, as Lambda wants it. */
		const catchOutput = () => {
			const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
			onTestFinished(() => write.mockRestore());
			return () => write.mock.calls.map(([line]) => String(line));
		};

		it("a client that is refused for a while gets everything, once", async () => {
			const { url } = await aBundle({ throttled: { firstOfEach: 1 } });
			const room = aRoom();
			const alice = await connect(url);
			expect(await alice.join("alice", { room })).toMatchObject({ type: "bootstrap_peers", peers: [] });
			const bob = await connect(url);
			expect(await bob.join("bob", { room })).toMatchObject({ type: "bootstrap_peers", peers: [{ id: "alice" }] });
			expect(await alice.next()).toEqual({ type: "peer_joined", peerId: "bob", room, at: expect.any(Number) });

			bob.send({ type: "signal", to: "alice", n: 1 });
			expect(await alice.next()).toMatchObject({ type: "signal", from: "bob", n: 1 });
			bob.send({ type: "leave" });

			expect(await bob.closed()).toBe(1000);
			expect(await alice.next()).toEqual({ type: "peer_left", peerId: "bob", room, at: expect.any(Number) });
			expect(await alice.unread()).toEqual([]);
		});

		it("a client that is refused for too long is told to try again, and may", async () => {
			const { url } = await aBundle({ throttled: { firstOfEach: 2 } });
			const output = catchOutput();
			const room = aRoom();
			const alice = await connect(url);

			expect(await alice.join("alice", { room })).toMatchObject({ code: "UNAVAILABLE", retryable: true });
			expect(await alice.join("alice", { room })).toMatchObject({ type: "bootstrap_peers", peerId: "alice" });

			// A client that reads slowly is no error of the server, and the bundle logs errors only.
			expect(output()).toEqual([]);
		});

		it("no signal is lost in silence, and none is delivered twice", async () => {
			const gateway = await aBundle({ throttled: { share: 0.3 }, failed: { share: 0.1 } });
			catchOutput();

			const account = await accountFor(gateway, 200);

			expect(account).toMatchObject({ lost: 0, repeated: 0, refusedTwice: 0 });
			expect(account.refused).toBeGreaterThan(0);
		});
	});
});
