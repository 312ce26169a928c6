/** A hostile client against the local gateway: no bytes that it sends cost another client anything. */
import fc from "fast-check";
import { afterAll, describe, expect, it, onTestFinished } from "vitest";
import { type Assault, assaultOn } from "./assault.ts";
import { fatal, half, harmless } from "./bytes.ts";
import { check } from "./check.ts";
import { joinText } from "./frames.ts";
import { handshake } from "./handshakes.ts";
import { growthOver, HEAP_ALLOWANCE } from "./heap.ts";
import { knockOn } from "./knock.ts";
import { setScene } from "./scene.ts";
import { due, FRAMES, IS_LARGE } from "./size.ts";
import { createTally } from "./tally.ts";
import { secretVerifier } from "./verifiers.ts";

/** Between two looks at how much has been sent. */
const RUNS = 10;

const assault: fc.Arbitrary<Assault> = fc.record({
	join: fc.option(joinText, { nil: undefined }),
	pieces: fc
		.tuple(
			fc.array(harmless, { maxLength: 24, size: "max" }),
			fc.option(fatal, { nil: undefined, freq: 2 }),
			fc.array(harmless, { maxLength: 2 }),
		)
		.map(([before, end, after]) => (end === undefined ? before : [...before, end, ...after])),
	cuts: fc.array(fc.nat(1_000), { maxLength: 3 }),
	end: fc.oneof(fc.constantFrom("cut" as const, "close" as const), half),
});

/** The ends that one client can bring about on its connection, in addition to the handler's answers. */
const CLOSE_CODES = due(
	["close 1002"],
	["close 1000", "close 1003", "close 1005", "close 1007", "close 1008", "close 1009"],
);

const tallies = { sent: createTally(), answers: createTally() };
afterAll(() => {
	if (!IS_LARGE) return;
	console.log(tallies.sent.table("Messages and offences on the wire"));
	console.log(tallies.answers.table("What came of them"));
});

describe("a hostile client", () => {
	it("is answered or closed with the code of its offence, reaches nobody else, and leaves nothing behind", async () => {
		const scene = await setScene();
		onTestFinished(scene.close);
		const property = fc.asyncProperty(assault, assaultOn(scene, tallies));

		const growth = await growthOver(async (share) => {
			while (tallies.sent.total < (FRAMES / 5) * share) await check(property, RUNS);
		});

		expect(growth).toBeLessThan(HEAP_ALLOWANCE);
		expect(tallies.answers.missing(CLOSE_CODES)).toEqual([]);
	});

	it.each([
		["by 101 or 4xx, however it asks to connect", true],
		["by 4xx where it needs a token and has none of the issuer's", false],
	])("is answered %s", async (_, isOpen) => {
		const requests = createTally();
		const scene = await setScene(isOpen ? undefined : secretVerifier(Date));
		onTestFinished(scene.close);

		await check(fc.asyncProperty(handshake, knockOn(scene, requests, isOpen)), Math.ceil(FRAMES / 40));

		const verdict = isOpen ? "HTTP 101" : "HTTP 401";
		expect(requests.missing(due([verdict, "HTTP 400"], ["HTTP 431", ...(isOpen ? ["HTTP 405"] : [])]))).toEqual([]);
		if (IS_LARGE) console.log(requests.table(`Requests to connect, a token ${isOpen ? "not " : ""}needed`));
	});
});
