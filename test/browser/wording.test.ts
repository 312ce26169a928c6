import { describe, expect, it } from "vitest";
import { describeFrame } from "../../examples/browser/frames.js";
import { chatMessage, readMessage } from "../../examples/browser/messages.js";
import { hueOf, shortName } from "../../examples/browser/names.js";

describe("a frame in words", () => {
	const nameOf = (id: string) => id.toUpperCase();

	it.each([
		["out", { type: "join", peerId: "me", room: "lobby" }, "join: lobby"],
		["in", { type: "bootstrap_peers", peers: [{}, {}], peerId: "me" }, "bootstrap_peers: 2 listed"],
		["in", { type: "peer_joined", peerId: "bob", room: "lobby" }, "peer_joined BOB"],
		["in", { type: "peer_left", peerId: "bob", room: "lobby" }, "peer_left BOB"],
		["out", { type: "signal", to: "bob", signal: { type: "offer", sdp: "v=0" } }, "signal to BOB: offer"],
		["in", { type: "signal", from: "bob", to: "me", signal: { candidate: "…" } }, "signal from BOB: candidate"],
		["in", { type: "batched_signals", from: "bob", signals: [1, 2, 3] }, "batched_signals from BOB: 3 candidates"],
		["in", { type: "error", code: "PEER_NOT_FOUND", to: "bob" }, "error: PEER_NOT_FOUND"],
		["in", { message: "Internal server error" }, "frame without a type"],
	] as const)("%s %j", (direction, frame, words) => {
		expect(describeFrame(direction, frame, nameOf)).toBe(words);
	});
});

describe("a message of the chat", () => {
	it.each([true, false])("is read as it was said, private: %s", (isPrivate) => {
		expect(readMessage(chatMessage("hello", isPrivate))).toEqual({ text: "hello", isPrivate });
	});

	it.each([
		["hello", "hello"],
		[{ hello: "everybody" }, '{"hello":"everybody"}'],
		[{ page: "chat", text: 7 }, '{"page":"chat","text":7}'],
		[new Uint8Array(12), "(12 bytes)"],
		[null, "null"],
		[[1], "[1]"],
	])("of another program is shown as well as it can be: %j", (data, text) => {
		expect(readMessage(data)).toEqual({ text, isPrivate: false });
	});
});

describe("a name", () => {
	it("is cut where it is an id, and where it is long", () => {
		expect(shortName("0123456789abcdef0123456789abcdef01234567")).toBe("01234567…");
		expect(shortName("alice")).toBe("alice");
		expect(shortName("a name that somebody chose")).toBe("a name that someb…");
		expect(shortName("a name that somebody chose", 8)).toBe("a name…");
	});

	it("has a colour of the circle", () => {
		for (const id of ["", "a", "alice", "f".repeat(40)]) {
			expect(hueOf(id)).toBeGreaterThanOrEqual(0);
			expect(hueOf(id)).toBeLessThanOrEqual(360);
		}
	});
});
