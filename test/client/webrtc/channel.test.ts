import { runInNewContext } from "node:vm";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import {
	BUFFER_HIGH_BYTES,
	BURST_FRAMES,
	BURST_MS,
	CHANNEL_DEAD_MS,
	CHANNEL_SILENCE_MS,
	CHUNK_BYTES,
	FRAMES_PER_LOOK,
	MAX_CHUNK_BYTES,
	MAX_DATA_BYTES,
	MAX_HEADER_BYTES,
	MAX_WAITING_BYTES,
	PROBE_MS,
	UNHEARD_MS,
	WAITING_COST_BYTES,
} from "../../../client/limits.ts";
import { type Channel, createChannel } from "../../../client/webrtc/channel.ts";
import { LAST, MORE, PING, PONG } from "../../../client/webrtc/chunks.ts";
import { FakeChannel } from "../support/fake-peer-connection.ts";
import { fakeTimers } from "../support/fake-timers.ts";
import { seededRandom } from "../support/seeded-random.ts";

function aChannel({ framed = true, mostBytes = CHUNK_BYTES, replaceable = true } = {}) {
	const timers = fakeTimers();
	const raw = new FakeChannel(timers, () => true);
	raw.readyState = "open";
	const messages: (Uint8Array | string)[] = [];
	let deaths = 0;
	let unheard = 0;
	const channel = createChannel({ timers }, raw as unknown as RTCDataChannel, framed, mostBytes, {
		message: (message) => messages.push(message),
		dead: () => {
			deaths++;
		},
		unheard: () => {
			unheard++;
		},
		replaceable: () => replaceable,
	});
	return {
		timers,
		raw,
		channel,
		messages,
		deaths: () => deaths,
		unheard: () => unheard,
		receive: (...bytes: number[]) => raw.receive(Uint8Array.from(bytes).buffer),
	};
}

/** Two channels that lead to each other. */
function aPipe() {
	const near = aChannel();
	const far = aChannel();
	near.raw.other = far.raw;
	far.raw.other = near.raw;
	return { near, far, timers: near.timers };
}

/** Of so many bytes, after the one that is the channel's. */
function randomMessage(length: number, random: () => number): Uint8Array {
	return Uint8Array.from({ length: 1 + length }, (_, n) => (n === 0 ? 0 : Math.floor(random() * 256)));
}

/** Without the byte that is the channel's. */
const contentOf = (message: Uint8Array | string) => [...(message as Uint8Array).subarray(1)];

const outcome = (promise: Promise<void>) =>
	promise.then(
		() => "sent",
		(error) => error.code,
	);

describe("messages on a channel", () => {
	it("arrive whole, whatever their size", async () => {
		const random = seededRandom(1);
		const { near, far, timers } = aPipe();
		const room = CHUNK_BYTES - 1;
		const messages = [0, 1, room - 1, room, room + 1, 2 * room, 2 * room + 1, 100_000].map((size) =>
			randomMessage(size, random),
		);

		for (const message of messages) void near.channel.send(message);
		await timers.advance(10);
		const text = (message: Uint8Array | string) => Buffer.from(message).toString("latin1", 1); // compared faster
		expect(far.messages.map(text)).toEqual(messages.map(text));
	});

	it.each([CHUNK_BYTES, MAX_CHUNK_BYTES])(
		"travel in frames of at most %i bytes, if the other side takes no more",
		async (mostBytes) => {
			const { channel, raw, timers } = aChannel({ mostBytes });
			void channel.send(new Uint8Array(700_000));
			await timers.advance(10);
			expect(Math.max(...raw.sent.map((frame) => (frame as Uint8Array).length))).toBe(mostBytes);
		},
	);

	it("may be as large as a message with its header, and no larger", () => {
		const limit = MAX_DATA_BYTES + MAX_HEADER_BYTES;
		const { receive, messages, deaths, raw } = aChannel();
		const chunk = (mark: number, size: number) => {
			const frame = new Uint8Array(size + 1);
			frame[0] = mark;
			raw.receive(frame.buffer);
		};
		chunk(MORE, limit - 1);
		chunk(LAST, 1);
		expect(messages.map((message) => message.length)).toEqual([1 + limit]);

		chunk(MORE, limit);
		expect(deaths()).toBe(0);
		receive(MORE, 1);
		expect(deaths()).toBe(1);
		receive(LAST, 1);
		expect(messages).toHaveLength(1);
	});

	it("arrive from a WebRTC implementation that gives buffers of another kind", () => {
		const { raw, messages } = aChannel();
		raw.receive(Buffer.from([LAST, 1, 2])); // as werift does
		raw.receive(runInNewContext(`Uint8Array.of(${LAST}, 3).buffer`));
		expect(messages.map(contentOf)).toEqual([[1, 2], [3]]);
	});

	it("are text, as it is, for a peer of p2pmesh", async () => {
		const { channel, raw, messages, timers } = aChannel({ framed: false });
		await channel.send('{"type":"direct"}');
		raw.receive('{"a":1}');
		raw.receive(new TextEncoder().encode('{"b":1}').buffer);
		await timers.advance(CHANNEL_SILENCE_MS * 2);
		expect(raw.sent).toEqual(['{"type":"direct"}']);
		expect(messages).toEqual(['{"a":1}', '{"b":1}']);
	});
});

describe("backpressure", () => {
	const stuck = () => {
		const all = aChannel();
		all.raw.stuck = true;
		return all;
	};
	const fillUp = async (channel: Channel) => {
		const sent: Promise<string>[] = [];
		for (let bytes = 0; bytes < MAX_WAITING_BYTES; bytes += MAX_DATA_BYTES) {
			sent.push(outcome(channel.send(new Uint8Array(MAX_DATA_BYTES - WAITING_COST_BYTES))));
		}
		return sent;
	};

	it("hands the browser no more than a bounded number of bytes", async () => {
		const { channel, raw, timers } = stuck();
		void channel.send(new Uint8Array(MAX_DATA_BYTES));
		await timers.advance(1_000);
		expect(raw.bufferedAmount).toBeGreaterThanOrEqual(BUFFER_HIGH_BYTES);
		expect(raw.bufferedAmount).toBeLessThan(BUFFER_HIGH_BYTES + CHUNK_BYTES + 1);
	});

	it("goes on when the browser says that its buffer drained", async () => {
		const { channel, raw } = stuck();
		const sent = outcome(channel.send(new Uint8Array(2 * BUFFER_HIGH_BYTES)));
		raw.drain();
		raw.drain();
		expect(await sent).toBe("sent");
	});

	it("goes on if nothing says that the buffer drained", async () => {
		const { channel, raw, timers } = stuck();
		const sent = outcome(channel.send(new Uint8Array(2 * BUFFER_HIGH_BYTES)));
		raw.bufferedAmount = 0;
		await timers.advance(100);
		raw.bufferedAmount = 0;
		await timers.advance(100);
		expect(await sent).toBe("sent");
	});

	it("resolves the sends in their order", async () => {
		const { channel, raw } = stuck();
		const order: number[] = [];
		const sends = [0, 1, 2].map(async (n) => {
			await channel.send(new Uint8Array(BUFFER_HIGH_BYTES));
			order.push(n);
		});
		for (let n = 0; n < 6; n++) raw.drain();
		await Promise.all(sends);
		expect(order).toEqual([0, 1, 2]);
	});

	it("refuses what exceeds the bytes that may wait, until some have gone", async () => {
		const { channel, raw, timers } = stuck();
		await fillUp(channel);
		expect(await outcome(channel.send(new Uint8Array(1)))).toBe("BUFFER_FULL");

		for (let n = 0; n < 100; n++) raw.drain();
		await timers.settle();
		expect(await outcome(channel.send(new Uint8Array(1)))).toBe("sent");
	});

	it("rejects all that waits when the channel closes", async () => {
		const { channel } = stuck();
		const waiting = await fillUp(channel);
		channel.close();
		expect(new Set(await Promise.all(waiting))).toEqual(new Set(["CLOSED"]));
		expect(await outcome(channel.send(new Uint8Array(1)))).toBe("CLOSED");
	});

	it("takes a buffer that never drains for the end", async () => {
		const { channel, deaths, timers, receive } = stuck();
		void outcome(channel.send(new Uint8Array(MAX_DATA_BYTES)));
		for (let ms = 0; ms < 2 * CHANNEL_DEAD_MS; ms += 1_000) {
			receive(PONG); // it hears well
			await timers.advance(1_000);
		}
		expect(deaths()).toBe(1);
	});

	it("does not take a slow buffer for the end", async () => {
		const { channel, deaths, timers, receive, raw } = stuck();
		void outcome(channel.send(new Uint8Array(MAX_DATA_BYTES)));
		for (let ms = 0; ms < 2 * CHANNEL_DEAD_MS; ms += 1_000) {
			receive(PONG);
			raw.bufferedAmount -= 100; // far less than a frame
			await timers.advance(1_000);
		}
		expect(deaths()).toBe(0);
	});
});

describe("messages of which only the newest matters", () => {
	it("take the place of an older one that waits with the same key, and both resolve when it goes", async () => {
		const { channel, raw, timers } = aChannel();
		raw.bufferedAmount = BUFFER_HIGH_BYTES;
		const send = (value: number, key?: string) => outcome(channel.send(Uint8Array.of(0, value), key));
		const sends = [send(1, "a"), send(2, "b"), send(3), send(4, "a"), send(5, "a")];
		raw.drain();
		await timers.advance(10);
		expect(raw.sent.map((frame) => [...(frame as Uint8Array)])).toEqual([5, 2, 3].map((value) => [LAST, value]));
		expect(new Set(await Promise.all(sends))).toEqual(new Set(["sent"]));

		raw.bufferedAmount = BUFFER_HIGH_BYTES;
		void send(6, "a");
		raw.drain();
		await timers.advance(10);
		expect(raw.sent).toHaveLength(4);
	});

	it("are replaced though the queue is full", async () => {
		const { channel, raw } = aChannel();
		raw.bufferedAmount = BUFFER_HIGH_BYTES;
		for (let n = 0; n < MAX_WAITING_BYTES / (WAITING_COST_BYTES + 1); n++)
			void outcome(channel.send(new Uint8Array(1), String(n)));
		expect(await outcome(channel.send(new Uint8Array(1), "new"))).toBe("BUFFER_FULL");
		const sent = outcome(channel.send(new Uint8Array(1), "7"));
		channel.close();
		expect(await sent).toBe("CLOSED");
	});
});

describe("many small messages", () => {
	const small = Uint8Array.of(0, 1);

	it("give the page its turn after some milliseconds, however few they are", async () => {
		const { channel, raw, timers } = aChannel();
		for (let n = 0; n < FRAMES_PER_LOOK; n++) void channel.send(small);
		const elapsed = timers.elapsed();
		vi.spyOn(timers, "elapsed").mockReturnValue(elapsed + BURST_MS);
		void channel.send(small);
		expect(raw.sent).toHaveLength(FRAMES_PER_LOOK);
		vi.restoreAllMocks();
		await timers.advance(1);
		expect(raw.sent).toHaveLength(FRAMES_PER_LOOK + 1);
	});

	it("go out in bursts, between which the page gets its turn", async () => {
		const { channel, raw, timers } = aChannel();
		const sends = Array.from({ length: 3 * BURST_FRAMES }, () => outcome(channel.send(small)));
		await timers.settle();
		expect(raw.sent).toHaveLength(BURST_FRAMES);

		await timers.advance(10);
		expect(raw.sent).toHaveLength(3 * BURST_FRAMES);
		expect(new Set(await Promise.all(sends))).toEqual(new Set(["sent"]));
	});

	it("read the size of the buffer twice in a burst, since reading it may wait for another thread", () => {
		const { channel, raw } = aChannel();
		let reads = 0;
		Object.defineProperty(raw, "bufferedAmount", {
			get() {
				reads++;
				return 0;
			},
		});

		for (let n = 0; n < 100; n++) void channel.send(small);

		expect(raw.sent).toHaveLength(100);
		expect(reads).toBe(2);
	});

	it("go out in bursts, although each is awaited", async () => {
		const { channel, raw, timers } = aChannel();
		const loop = (async () => {
			for (let n = 0; n < 2 * BURST_FRAMES; n++) await channel.send(small);
		})();
		await timers.settle();
		expect(raw.sent).toHaveLength(BURST_FRAMES);

		await timers.advance(10);
		await loop;
		expect(raw.sent).toHaveLength(2 * BURST_FRAMES);
	});

	it("leave the turn to the page's timers, although the buffer drains before", async () => {
		const { channel, raw, timers } = aChannel();
		raw.stuck = true;
		for (let n = 0; n < 2 * BURST_FRAMES; n++) void channel.send(small);
		raw.drain();
		expect(raw.sent).toHaveLength(BURST_FRAMES);
		await timers.advance(1);
		expect(raw.sent).toHaveLength(2 * BURST_FRAMES);
	});

	it("go on when the buffer drains, although a hidden page's timers are late", async () => {
		const { channel, raw, timers } = aChannel();
		raw.stuck = true;
		vi.stubGlobal("document", { visibilityState: "hidden" });
		onTestFinished(() => void vi.unstubAllGlobals());
		const sends = Array.from({ length: 2 * BURST_FRAMES }, () => outcome(channel.send(small)));
		expect(raw.bufferedAmountLowThreshold).toBeLessThan(raw.bufferedAmount);
		raw.drain();
		expect(new Set(await Promise.all(sends))).toEqual(new Set(["sent"]));
		expect(timers.now()).toBe(aChannel().timers.now());
	});

	it("are refused once too many wait: each counts for more than its bytes", async () => {
		const { channel, raw } = aChannel();
		raw.stuck = true;
		raw.bufferedAmount = BUFFER_HIGH_BYTES;
		const fit = Math.floor(MAX_WAITING_BYTES / (WAITING_COST_BYTES + small.length));
		for (let n = 0; n < fit; n++) void outcome(channel.send(small));
		expect(await outcome(channel.send(small))).toBe("BUFFER_FULL");
	});

	it("arrive in their order, whatever the pauses", async () => {
		const { near, far, timers } = aPipe();
		const numbers = Array.from({ length: 5_000 }, (_, n) => n);
		for (const n of numbers) void near.channel.send(Uint8Array.of(0, n >> 8, n));
		await timers.advance(1_000);
		expect(far.messages.map(contentOf)).toEqual(numbers.map((n) => [n >> 8, n & 255]));
	});
});

describe("heartbeat of a channel", () => {
	it("asks after a silence, and an answer is enough", async () => {
		const { near, far, timers } = aPipe();
		for (let n = 0; n < 10; n++)
			await Promise.all([timers.advance(CHANNEL_SILENCE_MS), far.timers.advance(CHANNEL_SILENCE_MS)]);
		expect(near.raw.sent.length).toBeGreaterThan(0);
		expect([near.deaths(), far.deaths()]).toEqual([0, 0]);
	});

	it("asks nothing while messages come", async () => {
		const { raw, receive, timers } = aChannel();
		for (let n = 0; n < 100; n++) {
			receive(LAST, n);
			await timers.advance(CHANNEL_SILENCE_MS / 2);
		}
		expect(raw.sent).toEqual([]);
	});

	it("ends a channel on which nothing comes", async () => {
		const { deaths, timers, raw } = aChannel();
		await timers.advance(2 * CHANNEL_DEAD_MS);
		expect(raw.sent).toContainEqual(Uint8Array.of(PING));
		expect(deaths()).toBe(1);
		expect(timers.pending()).toBe(0);
	});

	it("asks soon if a message is followed by nothing, and tells if that is not answered either", async () => {
		const { channel, raw, timers, unheard, receive } = aChannel();
		await channel.send(Uint8Array.of(1));
		await timers.advance(UNHEARD_MS + PROBE_MS - 10);
		expect(raw.sent.at(-1)).toEqual(Uint8Array.of(PING));
		expect([channel.silent, unheard()]).toEqual([false, 0]);

		await timers.advance(10);
		expect([channel.silent, unheard()]).toEqual([true, 1]);
		receive(PONG);
		expect(channel.silent).toBe(false);
	});

	it("asks nothing after a message that is followed by another side's", async () => {
		const { channel, raw, timers, unheard, receive } = aChannel();
		for (let n = 0; n < 10; n++) {
			await channel.send(Uint8Array.of(1));
			receive(LAST, 1);
			await timers.advance(UNHEARD_MS * 3);
		}
		expect(raw.sent.filter((frame) => (frame as Uint8Array)[0] === PING)).toEqual([]);
		expect(unheard()).toBe(0);
	});

	it("does not end a silent channel while no other could take its place", async () => {
		const { deaths, timers } = aChannel({ replaceable: false });
		await timers.advance(10 * CHANNEL_DEAD_MS);
		expect(deaths()).toBe(0);
	});

	it("expects none of a peer of p2pmesh", async () => {
		const { deaths, timers, raw } = aChannel({ framed: false });
		await timers.advance(10 * CHANNEL_DEAD_MS);
		expect(raw.sent).toEqual([]);
		expect(deaths()).toBe(0);
	});
});

describe("what a hostile peer sends on a channel", () => {
	it("throws nowhere and delivers nothing", () => {
		const { raw, receive, messages, deaths } = aChannel();
		receive();
		receive(PONG);
		receive(9, 9, 9);
		receive(255);
		raw.receive("text");
		raw.receive(undefined);
		raw.receive({ size: 1e9 });
		raw.receive(new Blob(["x"]));
		expect(messages).toEqual([]);
		expect(deaths()).toBe(0);
	});

	it("makes us hold no more than twice a message, however small the pieces", () => {
		const { raw, deaths } = aChannel();
		const piece = Uint8Array.of(MORE, 1).buffer;
		const empty = Uint8Array.of(MORE).buffer;
		for (let n = 0; n < MAX_DATA_BYTES + MAX_HEADER_BYTES; n++) raw.receive(piece);
		for (let n = 0; n < 1_000; n++) raw.receive(empty);
		expect(deaths()).toBe(0);
		raw.receive(piece);
		expect(deaths()).toBe(1);
	});

	it("is not answered on and on, if the answers are not taken", () => {
		const { raw, receive } = aChannel();
		raw.stuck = true;
		raw.bufferedAmount = BUFFER_HIGH_BYTES;
		for (let n = 0; n < 100; n++) receive(PING);
		expect(raw.sent).toEqual([]);
	});

	it("ends the channel if it closes while we send", async () => {
		const { raw, channel, deaths } = aChannel();
		raw.readyState = "closing";
		expect(await outcome(channel.send(Uint8Array.of(1)))).toBe("CLOSED");
		expect(deaths()).toBe(1);
	});
});
