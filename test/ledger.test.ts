import { describe, expect, it } from "vitest";
import { createLedger, fateOf, isKept } from "./support/ledger.ts";

describe("the ledger of signals", () => {
	it.each([
		[1, 0, true],
		[0, 1, true],
		[0, 0, false],
		[2, 0, false],
		[0, 2, false],
		[1, 1, false],
		[2, 1, false],
	])("that were delivered %i times and refused %i times: the rule is kept: %s", (delivered, refused, kept) => {
		expect(isKept(fateOf(delivered, refused))).toBe(kept);
	});

	it("has every signal in one sum, and counts what came to another peer", () => {
		const ledger = createLedger();
		const [delivered, refused, twice] = [ledger.send("a", "b"), ledger.send("a", "b"), ledger.send("b", "a")];
		const astray = ledger.send("b", "a");
		ledger.arrived(delivered, "b");
		ledger.refused(refused);
		ledger.arrived(twice, "a");
		ledger.arrived(twice, "a");
		ledger.arrived(astray, "c");

		expect(ledger.sums()).toMatchObject({ sent: 4, delivered: 1, refused: 1, repeated: 1, lost: 1 });
		expect(ledger.open().map(({ mark }) => mark)).toEqual([astray]);
		expect(ledger.strays()).toBe(1);
	});
});
