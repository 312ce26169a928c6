/** A hostile client against the handler: no frame that it sends costs another client anything. */
import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { check } from "./check.ts";
import { type FrameOptions, frameText, joinText } from "./frames.ts";
import { growthOver, HEAP_ALLOWANCE } from "./heap.ts";
import { type Attack, createSiege, type Person, type SiegeOptions, type Step } from "./siege.ts";
import { due, FRAMES, IS_LARGE } from "./size.ts";
import { createTally } from "./tally.ts";
import { hostileToken, oddPass, passFor } from "./tokens.ts";
import { secretVerifier } from "./verifiers.ts";

/** Between two looks at how much has been sent. */
const RUNS = 10;

const GUEST = { room: "guests", peerId: "guest" } as const;

const attack = (options: FrameOptions, maxSteps: number): fc.Arbitrary<Attack> => {
	const step: fc.Arbitrary<Step> = fc.record({
		text: frameText(options),
		on: fc.oneof(
			{ weight: 20, arbitrary: fc.constant("current" as const) },
			{ weight: 1, arbitrary: fc.constantFrom("late" as const, "new" as const) },
		),
		routeKey: fc.constantFrom("$default", "join", "signal", "$connect", "$disconnect", "__proto__"),
		isBase64Encoded: fc.boolean(),
	});
	return fc.record({
		pace: fc.constantFrom(0, 0, 50, 2_500, 30_000),
		join: fc.option(joinText, { nil: undefined }),
		steps: fc.array(step, { maxLength: maxSteps, size: "max" }),
	});
};

/** Attacks until at least so many frames have been sent. @returns by how much the heap has grown, in bytes */
async function besiege(
	frames: number,
	options: SiegeOptions,
	frameOptions: FrameOptions,
	maxSteps = 80,
): Promise<number> {
	const { run, connectionCount } = createSiege(options);
	const property = fc.asyncProperty(attack(frameOptions, maxSteps), run);
	const before = options.tally.total;
	const growth = await growthOver(async (share) => {
		while (options.tally.total - before < frames * share) await check(property, RUNS);
	});
	expect(connectionCount()).toBe(2);
	return growth;
}

describe("a hostile client", () => {
	const tally = createTally();
	afterAll(() => {
		if (IS_LARGE) console.log(tally.table("Frames to the handler, by what came of them"));
	});

	it.each(["replace", "reject"] as const)(
		"gets one answer to each frame, reaches nobody else, and leaves nothing behind; a held id: %s",
		async (duplicatePeerPolicy) => {
			const pristine = Object.getOwnPropertyNames(Object.prototype);
			const mayClaim = duplicatePeerPolicy === "reject";

			const growth = await besiege(FRAMES / 2, { settings: { duplicatePeerPolicy }, tally }, { mayClaim });

			expect(growth).toBeLessThan(HEAP_ALLOWANCE);
			expect(Object.getOwnPropertyNames(Object.prototype)).toEqual(pristine);
		},
	);

	it("is cut off where it floods", async () => {
		const settings = { clientRateLimit: 20, clientBurstLimit: 5 };

		await besiege(FRAMES / 10, { settings, tally }, { mayClaim: false }, 200);

		expect(tally.missing(due(["error RATE_LIMITED"], ["error RATE_LIMITED, closed"]))).toEqual([]);
	});

	it("can bring about every answer that there is for it", () => {
		const codes = ["BAD_JSON", "BAD_REQUEST", "UNKNOWN_TYPE", "NOT_JOINED", "ALREADY_JOINED", "PEER_NOT_FOUND"];
		const frequent = [
			...codes.map((code) => `error ${code}`),
			"bootstrap_peers",
			"list",
			"pong",
			"delivered",
			"closed",
		];
		const refusals = ["TOO_LARGE", "PEER_ID_TAKEN", "RATE_LIMITED", "NOT_JOINED, closed"];
		const rare = [...refusals.map((code) => `error ${code}`), "nothing: the connection had been closed"];

		expect(tally.missing(due(frequent, rare))).toEqual([]);
		expect(tally.total).toBeGreaterThanOrEqual(FRAMES);
	});
});

describe("a hostile client, where a token is needed", () => {
	const tally = createTally();
	afterAll(() => {
		if (IS_LARGE) console.log(tally.table("Frames to the handler that wants tokens, by what came of them"));
	});

	it("becomes nobody but whom its token names, whatever else it holds up", async () => {
		const token = fc.oneof(
			{ weight: 4, arbitrary: hostileToken },
			{ weight: 1, arbitrary: fc.constant(passFor(GUEST)) },
		);
		const mayBecome = ({ room, peerId }: Person) => room === GUEST.room && peerId === GUEST.peerId;

		await besiege(FRAMES / 10, { settings: {}, tally, tokens: secretVerifier, mayBecome }, { mayClaim: true, token });

		expect(tally.missing(due(["error UNAUTHORIZED"], ["error FORBIDDEN"]))).toEqual([]);
	});

	it("gets one answer to each frame, also where the issuer signs whatever it is given", async () => {
		await besiege(FRAMES / 10, { settings: {}, tally, tokens: secretVerifier }, { mayClaim: false, token: oddPass });

		expect(tally.missing(due(["error UNAUTHORIZED"], ["bootstrap_peers", "error FORBIDDEN"]))).toEqual([]);
	});
});
