import { describe, expect, it } from "vitest";
import { createTrace, HOP_MS } from "../../examples/browser/trace.js";

/** A trace of "me" whose clock the test moves, and what it draws: `from>to@when`. */
function aTrace() {
	let now = 1_000;
	const drawn: string[] = [];
	const counts: number[] = [];
	let later: (() => void)[] = [];
	const trace = createTrace({
		selfId: "me",
		carry: (from, to, inMs) => drawn.push(`${from}>${to}@${now + inMs - 1_000}`),
		now: () => now,
		after: (_ms, action) => later.push(action),
	});
	trace.follow("k", (count) => counts.push(count));
	return {
		trace,
		drawn,
		counts,
		wait(ms: number) {
			now += ms;
		},
		giveUp() {
			for (const action of later.splice(0)) action();
			later = [];
		},
	};
}

describe("the way of a message", () => {
	it("is drawn link by link, each after the one that it follows", () => {
		const { trace, drawn, counts } = aTrace();
		trace.hear("a", "k", "me");
		trace.hear("b", "k", "a");
		trace.hear("c", "k", "b");

		expect(drawn).toEqual(["me>a@0", `a>b@${HOP_MS}`, `b>c@${2 * HOP_MS}`]);
		expect(counts).toEqual([1, 2, 3]);
	});

	it("waits for the word of the peers in between", () => {
		const { trace, drawn, counts } = aTrace();
		trace.hear("c", "k", "b");
		trace.hear("b", "k", "a");
		expect(drawn).toEqual([]);
		trace.hear("a", "k", "me");

		expect(drawn).toEqual(["me>a@0", `a>b@${HOP_MS}`, `b>c@${2 * HOP_MS}`]);
		expect(counts).toEqual([1, 2, 3]);
	});

	it("draws what it was told of if the beginning remains unknown", () => {
		const { trace, drawn, giveUp, wait } = aTrace();
		trace.hear("c", "k", "b");
		wait(5_000);
		giveUp();
		giveUp();

		expect(drawn).toEqual(["b>c@5000"]);
	});

	it("does not begin a link in the past", () => {
		const { trace, drawn, wait } = aTrace();
		trace.hear("a", "k", "me");
		wait(9_000);
		trace.hear("b", "k", "a");

		expect(drawn).toEqual(["me>a@0", "a>b@9000"]);
	});

	it("takes each receiver's first word, and none about messages of others", () => {
		const { trace, drawn, counts } = aTrace();
		trace.hear("a", "k", "me");
		trace.hear("a", "k", "b");
		trace.hear("b", "k", "b");
		trace.hear("b", "other", "me");
		trace.hear("b", 7, "me");
		trace.hear("b", "k", { id: "me" });
		trace.hear("me", "k", "a");

		expect(drawn).toEqual(["me>a@0"]);
		expect(counts).toEqual([1]);
	});

	it("is not endless, whatever others say", () => {
		const { trace, drawn } = aTrace();
		trace.hear("a", "k", "b");
		trace.hear("b", "k", "a");
		for (let at = 0; at < 2_000; at++) trace.hear(`p${at}`, "k", "me");

		expect(drawn.length).toBeLessThan(600);
	});
});
