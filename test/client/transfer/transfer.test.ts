import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { passing } from "../../../client/errors.ts";
import {
	MAX_DATA_BYTES,
	MAX_TRANSFERS,
	OFFER_ANSWER_MS,
	PIECE_BYTES,
	RESUME_MS,
	TRANSFER_IDLE_MS,
	WINDOW_BYTES,
} from "../../../client/limits.ts";
import type { Progress, Transfer } from "../../../client/mesh/api.ts";
import { twoEnds } from "../support/two-ends.ts";

const MB = 1_000_000;

/** Bytes of which each stretch of a piece's length differs from the one before. */
function numbered(length: number): Uint8Array<ArrayBuffer> {
	const bytes = new Uint8Array(length);
	for (let at = 0; at < length; at += 1_000) bytes.fill((at / 1_000) & 255, at, at + 1_000);
	return bytes;
}

/** `toEqual` looks at each of millions of numbers. */
const isSame = (bytes: unknown, other: Uint8Array) => Buffer.compare(Buffer.from(bytes as Uint8Array), other) === 0;

const dataOf = ([message]: unknown[]) => (message as { data: unknown } | undefined)?.data;
const codeOf = (sent: Promise<unknown>) =>
	sent.then(
		() => "sent",
		(error) => error.code,
	);

describe("large data", () => {
	it("arrives as it was sent: a File with its name, a Blob, bytes, JSON", async () => {
		const bytes = numbered(3 * MB);
		const values = [
			new File([bytes], "holiday.png", { type: "image/png" }),
			new Blob([bytes], { type: "text/plain" }),
			bytes,
			{ list: Array.from({ length: 20 }, () => "x".repeat(100_000)) },
		];
		for (const value of values) {
			const { a, b, settled } = twoEnds();
			await settled(a.send(value));
			await settled(b.incoming[0]?.done as Promise<void>);
			const data = dataOf(b.messages);
			expect(b.messages).toMatchObject([{ from: "a", direct: true, via: "a" }]);
			if (value instanceof File) expect(data).toMatchObject({ name: "holiday.png", type: "image/png", size: 3 * MB });
			if (value instanceof Blob) {
				expect((data as Blob).type).toBe(value.type);
				expect(isSame(await (data as Blob).arrayBuffer(), bytes)).toBe(true);
			} else if (value instanceof Uint8Array) expect(isSame(data, bytes)).toBe(true);
			else expect(JSON.stringify(data) === JSON.stringify(value)).toBe(true);
		}
	});

	it("comes from a stream, too, of which nobody knows the end", async () => {
		async function* chunks() {
			for (let at = 0; at < 3 * MB; at += 250_000) yield numbered(3 * MB).subarray(at, at + 250_000);
		}
		const whole = numbered(3 * MB);
		const streams = [chunks(), new Blob([whole]).stream()];
		for (const stream of streams) {
			const { a, b, settled } = twoEnds();
			await settled(a.send(stream));
			expect(b.incoming[0]).toMatchObject({ size: undefined, bytes: 3 * MB });
			expect(isSame(await (dataOf(b.messages) as Blob).arrayBuffer(), whole)).toBe(true);
		}
	});

	it("tells both sides of its progress", async () => {
		const { a, b, settled } = twoEnds();
		const heard: Progress[] = [];
		b.onTransfer = (transfer) => transfer.onProgress((progress) => heard.push(progress));
		const told: Progress[] = [];
		await settled(a.send(numbered(2 * MB), { onProgress: (progress) => told.push(progress) }));
		for (const steps of [heard, told]) {
			expect(steps.length).toBeGreaterThan(4);
			expect(steps.map(({ bytes }) => bytes)).toEqual(steps.map(({ bytes }) => bytes).toSorted((x, y) => x - y));
			expect(steps.every(({ size }) => size === 2 * MB)).toBe(true);
		}
		expect([heard.at(-1)?.bytes, told.at(-1)?.bytes]).toEqual([2 * MB, 2 * MB]);
	});

	it("is read no faster than the application takes it, and is never held as a whole", async () => {
		const size = 10 * MB;
		let given = 0;
		async function* source() {
			for (; given < size; given += PIECE_BYTES) yield new Uint8Array(PIECE_BYTES);
		}
		const { a, b, settled, timers } = twoEnds();
		type Reader = { read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> };
		let reader: Reader | undefined;
		b.onTransfer = (transfer) => {
			reader = transfer.stream().getReader();
		};
		const sent = a.send(source());
		await timers.advance(60_000);
		expect(given).toBeLessThan(WINDOW_BYTES + 3 * PIECE_BYTES);

		let taken = 0;
		let ahead = 0;
		const reading = (async () => {
			for (;;) {
				const { done, value } = await (reader as Reader).read();
				if (done || value === undefined) return;
				taken += value.length;
				ahead = Math.max(ahead, given - taken);
			}
		})();
		await settled(reading);
		await settled(sent);
		expect(taken).toBeGreaterThanOrEqual(size);
		expect(ahead).toBeLessThan(WINDOW_BYTES + 3 * PIECE_BYTES);
		expect(b.messages).toEqual([]);
	});

	it("waits for the application that holds it", async () => {
		const { a, b, timers, settled } = twoEnds();
		b.onTransfer = (transfer) => transfer.hold();
		const sent = a.send(numbered(2 * MB));
		await timers.advance(10 * TRANSFER_IDLE_MS);
		expect(b.incoming[0]?.bytes).toBe(0);
		b.incoming[0]?.accept();
		await settled(sent);
		expect(isSame(dataOf(b.messages), numbered(2 * MB))).toBe(true);
	});

	it("goes four at a time to one peer, and the others after them", async () => {
		const { a, b, settled } = twoEnds();
		const all = Array.from({ length: 3 * MAX_TRANSFERS }, (_, n) => a.send(new Blob([numbered(100_000 + n)])));
		await settled(Promise.all(all));
		expect(b.messages).toHaveLength(all.length);
	});
});

describe("a link that breaks", () => {
	it("loses nothing, wherever and however often it breaks: the next link goes on", async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(fc.integer({ min: 1, max: 120 }), { maxLength: 6 }),
				fc.integer({ min: MAX_DATA_BYTES + 1, max: 3 * MB }),
				fc.integer({ min: 0, max: 3 }),
				fc.nat(),
				async (pauses, size, fullness, seed) => {
					const { a, b, timers, settled, breakLink, mendLink } = twoEnds({ seed });
					let turn = 0;
					a.fault = b.fault = () =>
						fullness > 0 && turn++ % (fullness + 1) === 0 ? passing("BUFFER_FULL", "Full.") : undefined;
					const sent = a.send(numbered(size));
					for (const pause of pauses) {
						await timers.advance(pause);
						breakLink();
						await timers.advance(pause);
						mendLink();
					}
					await settled(sent);
					await timers.advance(100);
					expect(b.messages).toHaveLength(1);
					expect(isSame(dataOf(b.messages), numbered(size))).toBe(true);
				},
			),
			{ numRuns: 15, examples: [[[1, 5], MAX_DATA_BYTES + 1, 3, 1909791763]] },
		);
	});

	it("is told to both sides if no other follows", async () => {
		const { a, b, timers, breakLink } = twoEnds();
		const sent = codeOf(a.send(numbered(5 * MB)));
		await timers.advance(50);
		breakLink();
		await timers.advance(RESUME_MS);
		expect(await sent).toBe("CLOSED");
		expect(await codeOf(b.incoming[0]?.done as Promise<void>)).toBe("CLOSED");
		expect(b.messages).toEqual([]);
	});

	it("is told if the other side's program has started again since", async () => {
		const { a, b, timers, breakLink, mendLink } = twoEnds();
		const sent = codeOf(a.send(numbered(5 * MB)));
		await timers.advance(50);
		breakLink();
		b.leave();
		mendLink();
		await timers.advance(50);
		expect(await sent).toBe("CLOSED");
	});

	it("does not make a message come twice if it breaks before the sender hears that all has come", async () => {
		const { a, b, timers, settled, breakLink, mendLink } = twoEnds();
		b.fault = ({ fields }) => {
			if (fields?.o !== "done" || b.messages.length > 0) return undefined;
			breakLink();
			return passing("CLOSED", "The link ended.");
		};
		const sent = a.send(numbered(2 * MB));
		await timers.advance(5_000);
		mendLink();
		await settled(sent);
		expect(b.messages).toHaveLength(1);
	});
});

describe("a transfer ends early", () => {
	it("by its sender's signal, at any moment", async () => {
		for (const ms of [0, 1, 20, 60]) {
			const { a, b, timers } = twoEnds();
			const abort = new AbortController();
			const sent = codeOf(a.send(numbered(5 * MB), { signal: abort.signal }));
			await timers.advance(ms);
			abort.abort();
			await timers.advance(50);
			expect(await sent).toBe("ABORTED");
			expect(b.messages).toEqual([]);
			for (const { done } of b.incoming) expect(await codeOf(done)).toBe("ABORTED");
		}
	});

	it("by the receiver, which tells the sender and its stream", async () => {
		const { a, b, timers } = twoEnds();
		let isEnded = false;
		async function* source() {
			try {
				for (;;) yield new Uint8Array(PIECE_BYTES);
			} finally {
				isEnded = true;
			}
		}
		const sent = codeOf(a.send(source()));
		await timers.advance(50);
		b.incoming[0]?.cancel();
		await timers.advance(50);
		expect(await sent).toBe("ABORTED");
		expect(isEnded).toBe(true);
	});

	it("if the source fails, gives something else than bytes, or has changed", async () => {
		async function* failing() {
			yield new Uint8Array(10);
			throw new Error("no more");
		}
		async function* texts() {
			yield "text";
		}
		const shrunk = Object.assign(new Blob([numbered(2 * MB)]), { slice: () => new Blob([numbered(5)]) });
		for (const source of [failing(), texts(), shrunk]) {
			const { a, b, timers } = twoEnds();
			const sent = codeOf(a.send(source));
			await timers.advance(100);
			expect(await sent).toBe("BAD_REQUEST");
			expect(b.messages).toEqual([]);
		}
	});

	it("if the peer knows nothing of such data", async () => {
		const { a, b, timers } = twoEnds();
		b.fault = () => passing("CLOSED", "Says nothing.");
		const sent = codeOf(a.send(numbered(2 * MB)));
		await timers.advance(OFFER_ANSWER_MS + 50);
		expect(await sent).toBe("TIMEOUT");
	});

	it("if this peer leaves", async () => {
		const { a, b, timers } = twoEnds();
		const sent = codeOf(a.send(numbered(5 * MB)));
		await timers.advance(50);
		a.leave();
		await timers.advance(50);
		expect(await sent).toBe("CLOSED");
		expect(await codeOf(b.incoming[0]?.done as Promise<void>)).toBe("ABORTED");
	});

	it("if it is larger than what the receiver keeps, and not if an application reads it as a stream", async () => {
		for (const data of [numbered(3 * MB), new Blob([numbered(3 * MB)]).stream()]) {
			const { a, b, timers } = twoEnds({ maxReceiveBytes: 2 * MB });
			const sent = codeOf(a.send(data));
			await timers.advance(2_000);
			expect(await sent).toBe("TOO_LARGE");
			expect(b.messages).toEqual([]);
		}
		const { a, b, settled } = twoEnds({ maxReceiveBytes: 2 * MB });
		let read: Promise<ArrayBuffer> | undefined;
		b.onTransfer = (transfer) => {
			read = new Response(transfer.stream()).arrayBuffer();
		};
		await settled(a.send(numbered(3 * MB)));
		expect(isSame(await read, numbered(3 * MB))).toBe(true);
	});
});

describe("a hostile sender", () => {
	const offer = { o: "offer", i: "t", kind: "bytes", size: 100, at: 0 };
	const lastSaid = (ends: ReturnType<typeof twoEnds>) => ends.frames.filter(({ from }) => from === "b").at(-1)?.fields;

	it("takes no memory by what it announces", async () => {
		const ends = twoEnds();
		ends.a.say({ ...offer, size: 1 << 29 });
		await ends.timers.advance(TRANSFER_IDLE_MS - 1_000);
		expect(lastSaid(ends)).toEqual({ o: "report", i: "t", at: 0, upto: WINDOW_BYTES });
		await ends.timers.advance(2_000);
		expect(lastSaid(ends)).toEqual({ o: "cancel", i: "t", code: "TIMEOUT" });
	});

	it.each<[string, object[]]>([
		["sends more than it announced", [{ o: "piece", at: 0, bytes: 101 }]],
		["leaves something out", [{ o: "piece", at: 50, bytes: 50 }]],
		[
			"ends too early",
			[
				{ o: "piece", at: 0, bytes: 50 },
				{ o: "end", at: 50 },
			],
		],
		[
			"ends with another size",
			[
				{ o: "piece", at: 0, bytes: 100 },
				{ o: "end", at: 90 },
			],
		],
	])("that %s is stopped", async (_what, words) => {
		const ends = twoEnds();
		ends.a.say(offer);
		for (const { bytes = 0, ...word } of words as { bytes?: number }[]) {
			ends.a.say({ i: "t", ...word }, new Uint8Array(bytes));
			await ends.timers.advance(20);
		}
		expect(lastSaid(ends)).toEqual({ o: "cancel", i: "t", code: "BAD_REQUEST" });
		expect(ends.b.messages).toEqual([]);
	});

	it("that does not wait until it may send is stopped within the window", async () => {
		const ends = twoEnds();
		let stream: ReadableStream | undefined;
		ends.b.onTransfer = (transfer) => {
			stream = transfer.stream();
		};
		ends.a.say({ ...offer, size: undefined });
		for (let at = 0; at < 2 * WINDOW_BYTES; at += PIECE_BYTES) {
			ends.a.say({ i: "t", o: "piece", at }, new Uint8Array(PIECE_BYTES));
			await ends.timers.advance(10);
		}
		expect(ends.frames).toContainEqual({ from: "b", fields: { o: "cancel", i: "t", code: "BAD_REQUEST" }, bytes: 0 });
		expect(ends.b.incoming[0]?.bytes).toBeLessThanOrEqual(WINDOW_BYTES + PIECE_BYTES);
		await expect(new Response(stream).arrayBuffer()).rejects.toBeDefined();
	});

	it("has four transfers at a time", async () => {
		const ends = twoEnds();
		for (let n = 0; n < 3 * MAX_TRANSFERS; n++) ends.a.say({ ...offer, i: `t${n}` });
		await ends.timers.advance(50);
		expect(ends.b.incoming).toHaveLength(MAX_TRANSFERS);
	});

	it("says anything, and nothing throws", async () => {
		const value = fc.oneof(
			fc.constantFrom<unknown>("t", "", 0, 1, 50, -1, 1.5, 2 ** 53, 1e300, null, {}, [], undefined),
			fc.jsonValue({ maxDepth: 1 }),
		);
		const word = fc.record({
			o: fc.constantFrom("offer", "piece", "end", "report", "done", "cancel", "x"),
			i: fc.constantFrom<unknown>("t", "u", "", 1),
			kind: fc.constantFrom<unknown>("bytes", "json", "file", "blob", 1),
			size: value,
			name: value,
			type: value,
			at: value,
			upto: value,
			code: value,
			s: value,
		});
		await fc.assert(
			fc.asyncProperty(fc.array(word, { maxLength: 15 }), fc.boolean(), async (words, streams) => {
				const ends = twoEnds();
				const taken: Transfer[] = [];
				ends.b.onTransfer = (transfer) => {
					taken.push(transfer);
					if (streams) transfer.stream();
				};
				const sent = codeOf(ends.b.send(numbered(10), { onProgress() {} }));
				for (const said of words) {
					ends.a.say(said, new Uint8Array(7));
					await ends.timers.advance(5);
				}
				await ends.timers.advance(100);
				expect(await sent).toBe("sent");
				for (const { bytes, size } of taken) expect(bytes).toBeLessThanOrEqual(size ?? WINDOW_BYTES);
			}),
			{ numRuns: 40 },
		);
	});
});
