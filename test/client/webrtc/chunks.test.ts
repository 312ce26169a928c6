import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJoiner, LAST, MORE, type Sendable, takeFrame } from "../../../client/webrtc/chunks.ts";

const LIMIT = 5_000;

/** As every version has written it: pieces of any size, each after its mark. */
function framesOf(pieces: readonly Uint8Array[]): Uint8Array[] {
	return pieces.map((piece, n) => Uint8Array.of(n < pieces.length - 1 ? MORE : LAST, ...piece));
}

/** A message whose first byte is the channel's. */
const messageOf = (content: Uint8Array) => Uint8Array.of(99, ...content);

function framesTaken(message: Uint8Array, mostBytes: number): Uint8Array[] {
	const entry: Sendable = { message, offset: 0 };
	const frames: Uint8Array[] = [];
	// A copy: the frame is handed to the browser before the next one is taken.
	while (entry.offset < entry.message.length) frames.push((takeFrame(entry, mostBytes) as Uint8Array).slice());
	return frames;
}

const never = () => {
	throw new Error("It is not too large.");
};

const someBytes = (maxLength: number) => fc.uint8Array({ maxLength });

describe("the pieces of a message", () => {
	it("are the content in its order, each after its mark and as large as may be", () => {
		fc.assert(
			fc.property(someBytes(300), fc.integer({ min: 2, max: 320 }), (content, mostBytes) => {
				const frames = framesTaken(messageOf(content), mostBytes);
				const pieces = frames.map((frame) => frame.subarray(1));
				expect(frames).toEqual(framesOf(pieces));
				expect(pieces.flatMap((piece) => [...piece])).toEqual([...content]);
				expect(frames).toHaveLength(Math.max(1, Math.ceil(content.length / (mostBytes - 1))));
			}),
		);
	});

	it("leave the content as it is, so that other links can send it too", () => {
		fc.assert(
			fc.property(someBytes(300), fc.integer({ min: 2, max: 50 }), (content, mostBytes) => {
				const message = messageOf(content);
				const first = framesTaken(message, mostBytes);
				expect(message.subarray(1)).toEqual(content);
				framesTaken(message, 320);
				expect(framesTaken(message, mostBytes)).toEqual(first);
			}),
		);
	});

	it("are not changed once they were taken: some implementations keep what they are given", () => {
		fc.assert(
			fc.property(someBytes(300), fc.integer({ min: 2, max: 50 }), (content, mostBytes) => {
				const entry: Sendable = { message: messageOf(content), offset: 0 };
				const kept: Uint8Array[] = [];
				while (entry.offset < entry.message.length) kept.push(takeFrame(entry, mostBytes) as Uint8Array);
				expect(kept).toEqual(framesTaken(messageOf(content), mostBytes));
			}),
		);
	});
});

describe("a joiner", () => {
	it("gives each message as it was sent, however it was cut", () => {
		fc.assert(
			fc.property(fc.array(fc.array(someBytes(60), { minLength: 1, maxLength: 90 }), { maxLength: 5 }), (messages) => {
				const joiner = createJoiner(LIMIT * 2, never);
				for (const pieces of messages) {
					const got = framesOf(pieces).map((frame) => joiner.add(frame));
					expect(got.slice(0, -1)).toEqual(pieces.slice(1).map(() => undefined));
					expect([...(got.at(-1) as Uint8Array).subarray(1)]).toEqual(pieces.flatMap((piece) => [...piece]));
				}
			}),
		);
	});

	it("refuses a message at the piece that makes it too large", () => {
		fc.assert(
			fc.property(fc.array(someBytes(400), { minLength: 1, maxLength: 60 }), (pieces) => {
				let refused = 0;
				const joiner = createJoiner(LIMIT, () => refused++);
				let length = 0;
				for (const piece of pieces) {
					length += piece.length;
					const before = refused;
					expect(joiner.add(Uint8Array.of(MORE, ...piece))).toBeUndefined();
					expect(refused - before).toBe(length > LIMIT ? 1 : 0);
				}
			}),
		);
	});
});
