/** The bounds of unread frames, with sockets that a test fills and empties. */
import { beforeEach, describe, expect, it } from "vitest";
import { type Backlog, createBacklog, type UnreadBuffer } from "../../local/backlog.ts";
import { someLog } from "../support/defaults.ts";

/** A client that reads when it is told to. */
function aReader(id: string, { reads = false } = {}) {
	const waiting: { bytes: number; written: (() => void) | undefined }[] = [];
	const socket = {
		OPEN: 1 as const,
		readyState: 1 as 1 | 3,
		get bufferedAmount() {
			return waiting.reduce((sum, frame) => sum + frame.bytes, 0);
		},
		sendText(text: string, written?: () => void) {
			if (reads) written?.();
			else waiting.push({ bytes: text.length, written });
		},
		terminate() {
			socket.readyState = 3;
		},
	};
	return {
		id,
		socket,
		/** Reads so many frames. */
		read(count = waiting.length) {
			for (const { written } of waiting.splice(0, count)) written?.();
		},
	} satisfies UnreadBuffer & { read(count?: number): void };
}

const FRAME = "x".repeat(1_000);

describe("the backlog", () => {
	let log: ReturnType<typeof someLog>;
	let backlog: Backlog;
	const cutOff = () => log.lines.map(({ fields }) => (fields as { connectionId: string }).connectionId);
	const fill = (reader: UnreadBuffer, frames: number) =>
		Array.from({ length: frames }, () => backlog.send(reader, FRAME)).every(Boolean);

	beforeEach(() => {
		log = someLog();
		backlog = createBacklog({ maxBufferedBytes: 100_000, maxBufferedBytesInSum: 200_000, log });
	});

	it("cuts off a client that leaves too much unread, and no other", () => {
		const [slow, other] = [aReader("slow"), aReader("other")];
		expect(fill(other, 10)).toBe(true);

		expect(fill(slow, 100)).toBe(false);

		expect(cutOff()).toEqual(["slow"]);
		expect(backlog.send(slow, FRAME)).toBe(false);
		expect(backlog.send(other, FRAME)).toBe(true);
	});

	it("counts what each frame costs beside its bytes", () => {
		const slow = aReader("slow");

		let frames = 0;
		while (backlog.send(slow, "x")) frames += 1;

		expect(frames).toBeLessThan(1_000);
	});

	it("cuts off the one that leaves the most unread, if all of them together leave too much", () => {
		const readers = Array.from({ length: 10 }, (_, n) => aReader(`reader ${n}`));
		for (const reader of readers) expect(fill(reader, 10)).toBe(true);
		const [first, third] = [readers[0] as UnreadBuffer, readers[2] as UnreadBuffer];
		expect(fill(third, 20)).toBe(true);

		for (let n = 0; cutOff().length === 0; n++) backlog.send(n % 2 ? first : third, FRAME);

		expect(cutOff()).toEqual(["reader 2"]);
		expect(fill(first, 10)).toBe(true);
	});

	it("says that a frame is not on its way if its own reader was the one", () => {
		const readers = Array.from({ length: 3 }, (_, n) => aReader(`reader ${n}`));
		for (const reader of readers) fill(reader, 45);
		const first = readers[0] as UnreadBuffer;

		const sent = Array.from({ length: 40 }, () => backlog.send(first, FRAME));

		expect(cutOff()).toEqual(["reader 0"]);
		expect(sent.indexOf(false)).toBe(sent.lastIndexOf(true) + 1);
	});

	it("leaves clients alone that read, for any number of frames", () => {
		const lagging = Array.from({ length: 20 }, (_, n) => aReader(`reader ${n}`));
		const lively = aReader("lively", { reads: true });

		for (let n = 0; n < 500; n++) {
			for (const reader of [...lagging, lively]) expect(backlog.send(reader, FRAME)).toBe(true);
			for (const reader of lagging) reader.read(n % 5 ? 1 : undefined);
		}

		expect(log.lines).toEqual([]);
	});

	it("does not count a client that has gone", () => {
		for (let n = 0; n < 50; n++) {
			const reader = aReader(`reader ${n}`);
			expect(fill(reader, 50)).toBe(true);
			backlog.forget(reader);
		}

		expect(log.lines).toEqual([]);
	});

	describe("with the stream below the sockets", () => {
		/** A reader whose stream notes when it is held and let go. What is sent while it is not held leaves the process at once. */
		const aGathered = (id: string) => {
			const reader = aReader(id);
			const steps: string[] = [];
			const stream = { cork: () => void steps.push("hold"), uncork: () => void steps.push("write") };
			const { sendText } = reader.socket;
			reader.socket.sendText = (text, written) => {
				sendText(text, written);
				if (steps.lastIndexOf("hold") <= steps.lastIndexOf("write")) reader.read();
				steps.push("frame");
			};
			return { ...reader, stream, steps };
		};
		const turn = () => new Promise((resolve) => setImmediate(resolve));

		/** One turn of the event loop, with a frame to each of these. */
		const sendTo = async (...readers: ReturnType<typeof aGathered>[]) => {
			for (const reader of readers) expect(backlog.send(reader, FRAME)).toBe(true);
			await turn();
			for (const reader of readers) reader.read();
		};

		it("sends the first frame of a quiet turn at once, and the later ones in one write", async () => {
			const [first, second] = [aGathered("first"), aGathered("second")];

			await sendTo(first, second, first, first);

			expect(first.steps).toEqual(["frame", "hold", "frame", "frame", "write"]);
			expect(second.steps).toEqual(["frame"]);
		});

		it("sends all frames of a turn in one write to each client, if the turn before had several for one", async () => {
			const [first, second] = [aGathered("first"), aGathered("second")];
			await sendTo(first, first);
			first.steps.length = 0;

			await sendTo(first, second, first);
			expect(first.steps).toEqual(["hold", "frame", "frame", "write"]);
			expect(second.steps).toEqual(["hold", "frame", "write"]);

			await sendTo(second);
			second.steps.length = 0;
			await sendTo(second);
			expect(second.steps).toEqual(["frame"]);
		});

		it("counts what is unread after the write", async () => {
			const slow = aGathered("slow");
			// The first one does not wait.
			for (let n = 0; n < 1 + 101; n++) backlog.send(slow, FRAME);
			await turn();

			expect(backlog.send(slow, FRAME)).toBe(false);

			expect(cutOff()).toEqual(["slow"]);
		});

		it("counts it in the sum, too", async () => {
			const readers = Array.from({ length: 3 }, (_, n) => aGathered(`reader ${n}`));
			for (const reader of readers) for (let n = 0; n < 90; n++) backlog.send(reader, FRAME);

			await turn();

			expect(cutOff()).toEqual(["reader 0"]);
		});
	});
});
