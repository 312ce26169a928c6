import { describe, expect, it } from "vitest";
import type { Frame } from "../support/client.ts";
import type { Event, History, Invocation, Lease } from "./history.ts";
import { INVARIANTS, type InvariantName, leaseTimesGoBack } from "./invariants.ts";

const invocation = (does: Invocation["does"], client: string, changes: Partial<Invocation> = {}): Invocation => ({
	name: `${client}: ${does}`,
	does,
	client,
	sharesInstance: false,
	outcome: "done",
	hit: false,
	...changes,
});

const HOUR = 3_600_000;
const anyone = invocation("join", "bob");
const received = (by: Invocation, now = 0): Event => ({ kind: "received", by, now });
const posted = (to: string, frame: Frame, { by = anyone, delivered = true, now = 0 } = {}): Event => ({
	kind: "posted",
	by,
	to,
	frame,
	delivered,
	now,
});
const welcome = (...ids: string[]): Frame => ({
	type: "bootstrap_peers",
	resumeKey: "a key",
	peers: ids.map((id) => ({ id, lastSeen: 1 })),
});
const notice = (type: "peer_joined" | "peer_left", at: number): Frame => ({ type, peerId: "bob", at });

const BOB: Lease = { client: "bob", at: 1 };
const NEWER: Lease = { client: "bob'", at: 2 };
const CAROL: Lease = { client: "carol", at: 1 };
const held = (after?: Lease): Event => ({ kind: "held", peerId: "bob", ...(after && { after }) });

/** A history in which carol and bob are there, with changes. */
const aHistory = (changes: Partial<History> = {}): History => ({
	events: [],
	invocations: [],
	internalErrors: [],
	leases: new Map([
		["bob", BOB],
		["carol", CAROL],
	]),
	open: new Set(["bob", "carol"]),
	clients: ["bob", "bob'", "carol"],
	faulted: false,
	healed: 0,
	...changes,
});
const bobIs = (lease: Lease | undefined) =>
	new Map<string, Lease | undefined>([
		["bob", lease],
		["carol", CAROL],
	]);

/** A signal of bob that begins to be handled `now` ms after another has been welcomed under the id. */
const signalAfterWelcome = (now: number): History => {
	const by = invocation("signal", "bob", { mark: "1" });
	return aHistory({
		invocations: [by],
		events: [
			held(BOB),
			held(NEWER),
			posted("bob'", welcome(), { by: invocation("join", "bob'") }),
			received(by, now),
			posted("carol", { type: "signal", id: "1" }, { by, now }),
		],
	});
};
const signal = invocation("signal", "bob", { mark: "1" });
const delivery = posted("carol", { type: "signal", id: "1" }, { by: signal });
const refusal = posted("bob", { type: "error", id: "1" }, { by: signal });

const CASES: Readonly<Record<InvariantName, { holds: History; violates: History }>> = {
	atMostOneActs: { holds: signalAfterWelcome(1), violates: signalAfterWelcome(HOUR) },
	noneIsForgotten: {
		holds: aHistory({
			leases: bobIs(NEWER),
			events: [posted("bob", welcome()), posted("bob", { type: "error", code: "PEER_ID_TAKEN" })],
		}),
		violates: aHistory({ leases: bobIs(NEWER), events: [posted("bob", welcome())] }),
	},
	noGhost: {
		holds: aHistory({ open: new Set(["carol"]), invocations: [invocation("disconnect", "bob", { outcome: "died" })] }),
		violates: aHistory({ open: new Set(["carol"]), invocations: [invocation("disconnect", "bob")] }),
	},
	lastNoticeIsTrue: {
		holds: aHistory({
			leases: bobIs(NEWER),
			events: [posted("carol", notice("peer_joined", 2)), posted("carol", notice("peer_left", 1))],
		}),
		violates: aHistory({
			leases: bobIs(NEWER),
			events: [posted("carol", notice("peer_joined", 2)), posted("carol", notice("peer_left", 2))],
		}),
	},
	departureToldOnce: {
		holds: aHistory({
			leases: bobIs(undefined),
			events: [posted("carol", welcome("bob")), held(), posted("carol", notice("peer_left", 1))],
		}),
		violates: aHistory({ leases: bobIs(undefined), events: [posted("carol", welcome("bob")), held()] }),
	},
	signalOrError: {
		holds: aHistory({ invocations: [signal], events: [delivery] }),
		violates: aHistory({ invocations: [signal], events: [delivery, refusal] }),
	},
	nothingBreaks: {
		holds: aHistory({ invocations: [signal] }),
		violates: aHistory({ invocations: [{ ...signal, outcome: "running" }] }),
	},
};

describe.each(Object.entries(CASES))("%s", (name, { holds, violates }) => {
	const invariant = INVARIANTS[name as InvariantName];

	it("holds", () => expect(invariant(holds)).toEqual([]));

	it("is violated", () => expect(invariant(violates)).toHaveLength(1));
});

describe("more violations", () => {
	it("a departure that is told twice", () => {
		const left = posted("carol", notice("peer_left", 1));
		const history = aHistory({
			leases: bobIs(undefined),
			events: [posted("carol", welcome("bob")), held(), left, left],
		});

		expect(INVARIANTS.departureToldOnce(history)).toHaveLength(1);
	});

	it("a signal that is lost", () => {
		expect(INVARIANTS.signalOrError(aHistory({ invocations: [signal] }))).toHaveLength(1);
	});

	it("a fault of the core", () => {
		expect(INVARIANTS.nothingBreaks(aHistory({ internalErrors: ["a fault"] }))).toEqual(["a fault"]);
	});
});

describe("leaseTimesGoBack", () => {
	const later = { client: "bob'", at: 5 };

	it("is false for leases in the order of their times, with or without a departure between them", () => {
		expect(leaseTimesGoBack({ events: [held(BOB), held(NEWER), held(), held(later)] }, "bob")).toBe(false);
	});

	it.each([1, 5])("is true for a lease whose time is %i, after one whose time is 5", (at) => {
		expect(leaseTimesGoBack({ events: [held(later), held(), held({ client: "bob", at })] }, "bob")).toBe(true);
	});

	it("looks at one id", () => {
		const others: Event = { kind: "held", peerId: "carol", after: CAROL };

		expect(leaseTimesGoBack({ events: [held(later), others] }, "carol")).toBe(false);
		expect(leaseTimesGoBack({ events: [held(later), others] }, "bob")).toBe(false);
	});

	it("excuses the last notice, and nothing else", () => {
		const events = [held(later), held(), held(BOB), posted("carol", notice("peer_left", 5))];

		expect(INVARIANTS.lastNoticeIsTrue(aHistory({ events }))).toEqual([]);
		expect(INVARIANTS.lastNoticeIsTrue(aHistory({ events: events.slice(2) }))).toHaveLength(1);
	});
});
