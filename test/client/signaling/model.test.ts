/** A session while all possible events happen, in any order: the rules that hold at all times. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { aSession, HOUR } from "../support/a-session.ts";
import type { FakeSocket, SentFrame } from "../support/fake-socket.ts";

const CODES = ["UNAVAILABLE", "RATE_LIMITED", "PEER_NOT_FOUND", "NOT_JOINED", "UNAUTHORIZED", "INTERNAL"] as const;

type Step =
	| { readonly do: "wait"; readonly ms: number }
	| { readonly do: "sleep" | "send" | "candidate" | "ask" | "wake" | "goAway" | "welcome" | "accept" | "pong" | "say" }
	| { readonly do: "end"; readonly which: number }
	| { readonly do: "refuse"; readonly which: number; readonly code: (typeof CODES)[number] };

const simple = (what: Exclude<Step["do"], "wait" | "end" | "refuse">) => fc.constant({ do: what } as Step);
const aStep: fc.Arbitrary<Step> = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.record({ do: fc.constant("wait" as const), ms: fc.constantFrom(1, 50, 600, 5_000, 31_000) }),
	},
	{ weight: 5, arbitrary: simple("accept") },
	{ weight: 5, arbitrary: simple("welcome") },
	{ weight: 4, arbitrary: simple("send") },
	{ weight: 2, arbitrary: simple("candidate") },
	{ weight: 2, arbitrary: simple("pong") },
	simple("ask"),
	simple("say"),
	simple("wake"),
	simple("sleep"),
	simple("goAway"),
	fc.record({ do: fc.constant("end" as const), which: fc.nat(3) }),
	{
		weight: 2,
		arbitrary: fc.record({ do: fc.constant("refuse" as const), which: fc.nat(3), code: fc.constantFrom(...CODES) }),
	},
);

it("sends or reports every frame, on the one connection that is joined, and leaves nothing behind", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(aStep, { maxLength: 60 }),
			fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
			run,
		),
		{ numRuns: 300, seed: 20, endOnFailure: true },
	);
});

async function run(steps: readonly Step[], chance: Iterator<number>): Promise<void> {
	const parts = aSession({ token: () => "token" }, () => chance.next().value ?? 0.5);
	const { session, timers, network, heard, welcome, wake } = parts;
	const asked: Promise<unknown>[] = [];
	const welcomed = new Set<FakeSocket>();
	const seen = new Map<FakeSocket, SentFrame[]>();
	let sent = 0;
	session.join().catch(() => {});

	const live = () => network.sockets.filter(({ readyState, closedByClient }) => readyState === 1 && !closedByClient);
	const framesOf = (socket: FakeSocket) => seen.get(socket) ?? [];
	const look = () => {
		for (const socket of network.sockets) {
			const frames = socket.sent.splice(0);
			seen.set(socket, [...framesOf(socket), ...frames]);
			for (const { type } of frames) {
				// Before its welcome a connection carries only its join, and perhaps its end.
				if (!welcomed.has(socket)) expect(["join", "leave"]).toContain(type);
				// Once another was welcomed in its place, it carries nothing any more.
				if (type === "signal") expect(socket).toBe([...welcomed].at(-1));
			}
		}
		const joining = live().filter((socket) => !welcomed.has(socket));
		expect(joining.length, "connections on their way").toBeLessThanOrEqual(1);
	};

	for (const step of steps) {
		const open = live();
		const last = network.sockets.at(-1);
		switch (step.do) {
			case "wait":
				await timers.advance(step.ms);
				break;
			case "sleep":
				timers.jump(HOUR);
				break;
			case "send":
				session.send(`peer ${sent}`, { type: "signal", signal: { type: "offer", n: sent++ } });
				break;
			case "candidate":
				session.send(`peer ${sent}`, { type: "signal", signal: { candidate: {}, n: sent } });
				session.send(`peer ${sent}`, { type: "signal", signal: { candidate: {}, n: sent++ } });
				break;
			case "ask":
				asked.push(session.findPeers().catch(() => {}));
				break;
			case "wake":
				wake();
				break;
			case "accept":
				if (last?.readyState === 0) last.accept();
				break;
			case "welcome":
				if (last?.readyState === 1 && framesOf(last).some(({ type }) => type === "join") && !welcomed.has(last)) {
					if (!last.closedByClient) welcomed.add(last);
					welcome(last);
				}
				break;
			case "goAway":
				open[0]?.receive({ type: "go_away", reason: "…", reconnectWithin: 5_000 });
				break;
			case "pong":
				for (const socket of open) socket.receive({ type: "pong", timestamp: timers.now() });
				break;
			case "say":
				for (const socket of open.filter((socket) => welcomed.has(socket))) {
					socket.receive({ type: "bootstrap_peers", peers: [], room: "room", peerId: "me", target: "unasked" });
				}
				break;
			case "end":
				open[step.which % Math.max(1, open.length)]?.end();
				break;
			case "refuse": {
				const socket = open[step.which % Math.max(1, open.length)];
				const frame = socket && framesOf(socket).findLast(({ type }) => type !== "ping" && type !== "join");
				const { code } = step;
				const retryable = code === "UNAVAILABLE" || code === "RATE_LIMITED";
				const marks = { requestType: frame?.type, id: frame?.id, to: frame?.to };
				if (frame) socket.receive({ type: "error", code, message: "…", retryable, retryAfter: 700, ...marks });
			}
		}
		await timers.settle();
		look();
	}

	void session.leave();
	await timers.settle();
	look();
	await timers.advance(60_000);
	await Promise.all(asked);

	const numbers = [...seen.values()]
		.flat()
		.flatMap(({ signal, signals }) => (signals ?? [signal]) as ({ n: number } | undefined)[])
		.flatMap((signal) => signal?.n ?? []);
	const unsent = Array.from({ length: sent }, (_, n) => n).filter((n) => !numbers.includes(n));
	expect(heard.undelivered.map(({ to }) => to)).toEqual(expect.arrayContaining(unsent.map((n) => `peer ${n}`)));
	expect(session.state).toBe("left");
	expect(timers.pending(), "timers").toBe(0);
	expect(
		network.sockets.every(({ readyState }) => readyState >= 2),
		"sockets",
	).toBe(true);
}
