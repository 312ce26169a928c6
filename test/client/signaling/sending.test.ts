import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RelayedFrame } from "../../../client/signaling/index.ts";
import { aSession } from "../support/a-session.ts";
import type { SentFrame } from "../support/fake-socket.ts";

const OFFER = { type: "signal", signal: { type: "offer", sdp: "…" } } as const;
const candidate = (n: unknown): RelayedFrame => ({
	type: "signal",
	signal: { candidate: { candidate: `candidate:${n}` } },
});
const refusal = (code: string, { id, to }: SentFrame, fields: SentFrame = {}) => ({
	type: "error",
	code,
	message: `It said ${code}.`,
	retryable: false,
	requestType: "signal",
	id,
	to,
	...fields,
});
const UNAVAILABLE = { retryable: true };

describe("a frame to a peer", () => {
	it("goes out at once, with an id of its own", async () => {
		const { session, joined } = aSession();
		const socket = await joined();

		session.send("alice", OFFER);
		session.send("alice", OFFER);

		expect(socket.sent).toMatchObject([
			{ ...OFFER, to: "alice" },
			{ ...OFFER, to: "alice" },
		]);
		expect(new Set(socket.sent.map(({ id }) => id)).size).toBe(2);
	});

	it("of more than 32,000 bytes is refused to its sender", async () => {
		const { session, joined, heard } = aSession();
		const socket = await joined();
		const send = (sdp: string) => session.send("alice", { type: "signal", signal: { type: "offer", sdp } });

		send("x".repeat(31_800));
		expect(() => send("x".repeat(32_000))).toThrow(
			expect.objectContaining({ code: "TOO_LARGE", peerId: "alice", retryable: false }),
		);
		expect(() => send("€".repeat(11_000))).toThrow(expect.objectContaining({ code: "TOO_LARGE" }));

		expect(socket.sent).toHaveLength(1);
		expect(heard.undelivered).toEqual([]);
	});

	it("that is refused for good is reported, once", async () => {
		const { session, joined, heard, timers } = aSession();
		const socket = await joined();
		session.send("alice", OFFER);

		socket.receive(refusal("PEER_NOT_FOUND", socket.take()));
		await timers.advance(60_000);

		expect(heard.undelivered).toEqual([{ to: "alice", code: "PEER_NOT_FOUND" }]);
		expect(heard.errors).toEqual([]);
	});

	it("that is refused for a moment is sent again under the same id, later and later", async () => {
		const { session, joined, timers, heard } = aSession();
		const socket = await joined();
		session.send("alice", OFFER);
		const first = socket.take();

		let frame = first;
		for (const wait of [500, 1_000, 2_000, 4_000]) {
			socket.receive(refusal("UNAVAILABLE", frame, UNAVAILABLE));
			await timers.advance(wait - 1);
			expect(socket.sent).toEqual([]);
			await timers.advance(1);
			frame = socket.take();
			expect(frame).toEqual(first);
		}
		socket.receive(refusal("UNAVAILABLE", frame, UNAVAILABLE));
		await timers.settle();

		expect(heard.undelivered).toEqual([{ to: "alice", code: "UNAVAILABLE" }]);
	});

	it("does not wait for another that was refused", async () => {
		const { session, joined } = aSession();
		const socket = await joined();
		session.send("alice", OFFER);
		socket.receive(refusal("UNAVAILABLE", socket.take(), UNAVAILABLE));

		session.send("bob", OFFER);

		expect(socket.sent).toMatchObject([{ to: "bob" }]);
	});

	it("waits, as all do, if the server says that it is too much, and then they go one by one", async () => {
		const { session, joined, timers, heard } = aSession();
		const socket = await joined();
		session.send("alice", OFFER);
		socket.receive(refusal("RATE_LIMITED", socket.take(), { retryable: true, retryAfter: 400 }));

		session.send("bob", OFFER);
		session.send("carol", OFFER);
		expect(socket.sent).toEqual([]);
		const times: number[] = [];
		for (let ms = 0; ms < 3_000; ms += 10) {
			await timers.advance(10);
			for (const _ of socket.sent.splice(0)) times.push(ms);
		}

		expect(times).toHaveLength(3);
		expect(times.every((time, i) => time - (times[i - 1] ?? 300) >= 90)).toBe(true);
		session.send("dave", OFFER);
		session.send("dave", OFFER);
		expect(socket.sent).toHaveLength(2);
		expect(heard.undelivered).toEqual([]);
	});

	it("that cannot be sent within half a minute is reported", async () => {
		const { session, joined, timers, heard } = aSession();
		(await joined()).end();
		session.send("alice", OFFER);

		await timers.advance(29_999);
		expect(heard.undelivered).toEqual([]);
		await timers.advance(1);

		expect(heard.undelivered).toEqual([{ to: "alice", code: "TIMEOUT" }]);
	});

	it("that is one too many takes the place of the oldest, which is reported", async () => {
		const { session, joined, timers, heard } = aSession();
		(await joined()).end();

		for (let n = 0; n < 20; n++) {
			session.send(`peer ${n}`, { type: "signal", signal: { type: "offer", sdp: "x".repeat(30_000) } });
		}
		expect(heard.undelivered).toEqual([]);
		await timers.settle();

		expect(heard.undelivered).toEqual([0, 1, 2].map((n) => ({ to: `peer ${n}`, code: "BUFFER_FULL" })));
	});

	it("waits while the socket holds more than it should", async () => {
		const { session, joined, timers } = aSession();
		const socket = await joined();
		socket.bufferedAmount = 1024 * 1024;

		session.send("alice", OFFER);
		await timers.advance(1_000);
		expect(socket.sent).toEqual([]);
		socket.bufferedAmount = 0;
		await timers.advance(250);

		expect(socket.sent).toMatchObject([{ to: "alice" }]);
	});

	it("that was sent before the first join goes out once the session is joined", async () => {
		const { session, joined } = aSession();

		session.send("alice", OFFER);
		const socket = await joined();

		expect(socket.sent).toMatchObject([{ to: "alice" }]);
	});
});

describe("candidates for a peer", () => {
	it("that come within 40 ms go as one batch", async () => {
		const { session, joined, timers } = aSession();
		const socket = await joined();

		session.send("alice", candidate(1));
		await timers.advance(39);
		session.send("alice", candidate(2));
		session.send("bob", candidate(3));
		expect(socket.sent).toEqual([]);
		await timers.advance(1);

		expect(socket.sent).toMatchObject([
			{ type: "batched_signals", to: "alice", signals: [candidate(1).signal, candidate(2).signal] },
		]);
		await timers.advance(39);
		expect(socket.sent).toMatchObject([{}, { ...candidate(3), to: "bob" }]);
	});

	it("go before a description that follows them", async () => {
		const { session, joined } = aSession();
		const socket = await joined();

		session.send("alice", candidate(1));
		session.send("alice", OFFER);

		expect(socket.sent).toMatchObject([candidate(1), OFFER]);
	});

	it("are not held up by a description, nor is it by them", async () => {
		const { session, joined, timers } = aSession();
		const socket = await joined();

		session.send("alice", OFFER);
		session.send("alice", candidate(1));
		session.send("alice", candidate(2));
		expect(socket.sent).toMatchObject([OFFER]);
		await timers.advance(40);

		expect(socket.sent).toMatchObject([OFFER, { type: "batched_signals" }]);
	});

	it("are all sent, in their order, in frames that the server takes", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.tuple(fc.constantFrom("a", "€".repeat(128)), fc.integer({ min: 0, max: 10_000 })), {
					maxLength: 40,
				}),
				async (sizes) => {
					const { session, joined, timers } = aSession();
					const socket = await joined();

					sizes.forEach(([to, size], i) => {
						session.send(to, candidate(`${i}:${"é".repeat(size)}`));
					});
					await timers.advance(1_000);

					const arrived = socket.sent.flatMap(({ to, signal, signals }) =>
						((signals ?? [signal]) as { candidate: { candidate: string } }[]).map(
							({ candidate }) => `${to} ${candidate.candidate.split(":")[1]}`,
						),
					);
					for (const to of new Set(sizes.map(([to]) => to))) {
						expect(arrived.filter((what) => what.startsWith(`${to} `))).toEqual(
							sizes.flatMap(([of], i) => (of === to ? [`${to} ${i}`] : [])),
						);
					}
					for (const frame of socket.sent) {
						expect(new TextEncoder().encode(JSON.stringify(frame)).length).toBeLessThanOrEqual(32_000);
					}
				},
			),
			{ numRuns: 50 },
		);
	});
});
