import { describe, expect, it } from "vitest";
import { describeFrame, namesStun } from "../../examples/browser/frames.js";
import { cameMessage, chatMessage, newKey, readCame, readMessage } from "../../examples/browser/messages.js";
import { hueOf, shortName, visible } from "../../examples/browser/names.js";

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
		const key = newKey();

		expect(readMessage(chatMessage("hello", isPrivate, key))).toEqual({ text: "hello", isPrivate, key });
	});

	it.each([
		["hello", "hello"],
		[{ hello: "everybody" }, '{"hello":"everybody"}'],
		[{ page: "chat", text: 7 }, '{"page":"chat","text":7}'],
		[{ page: "chat", text: "hi", key: "no key" }, "hi"],
		[new Uint8Array(12), "(12 bytes)"],
		[null, "null"],
		[[1], "[1]"],
	])("of another program is shown as well as it can be: %j", (data, text) => {
		expect(readMessage(data)).toEqual({ text, isPrivate: false, key: "" });
	});
});

describe("the word of a receiver", () => {
	it("is read as it was given, and nothing else is taken for it", () => {
		expect(readCame(cameMessage("0123456789abcdef", "bob"))).toEqual({ key: "0123456789abcdef", via: "bob" });
		for (const data of [null, "came", { page: "chat", key: "x" }, 7]) expect(readCame(data)).toBeUndefined();
	});
});

describe("a welcome", () => {
	it.each([
		[undefined, false],
		[[], false],
		[[{ urls: "stun:stun.example.com" }], true],
		[[{}, null, { urls: ["turns:turn.example.com:443?transport=tcp"] }], true],
		["stun:", false],
	])("with the servers %j names STUN: %s", (iceServers, names) => {
		expect(namesStun({ type: "bootstrap_peers", iceServers })).toBe(names);
	});
});

describe("a name", () => {
	it("is the first digits of an id of digits, and any other id with digits of its hash", () => {
		expect(shortName("0123456789abcdef0123456789abcdef01234567")).toBe("01234567…");
		expect(shortName("alice")).toBe("alice·2bd8"); // printf alice | sha256sum
		expect(shortName("a name that somebody chose")).toMatch(/^a name t…·[0-9a-f]{4}$/);
	});

	it.each([
		["the same first digits", "89abcdef".padEnd(40, "0"), "89abcdef".padEnd(40, "1")],
		["the same first digits, in capitals", "79abcdef".padEnd(40, "0"), "79ABCDEF".padEnd(40, "0")],
		["letters that look alike", "paypal", "p\u0430ypal"],
		["a character that does not show", "bob", "bob\u200b"],
		["text in the other direction", "bob1", "\u202e1bob"],
		["a blank letter", "carol", "carol\u3164"],
		["another space", "a b", "a\u00a0b"],
		["the same beginning", "a long name, first", "a long name, second"],
	])("tells two ids apart by the digits alone: %s", (_what, one, other) => {
		const digits = [one, other].map((id) => shortName(id).toLowerCase().replace(/^.*·/, ""));

		expect(new Set(digits).size).toBe(2);
		expect([one, other].map(shortName).join("")).toMatch(/^[a-zа-я0-9[\]+…·, ]+$/i);
	});

	it("gets more digits if another id has the same", () => {
		const names = Array.from({ length: 2_000 }, (_, at) => shortName(`peer ${at}`).replace(/^.*·/, ""));

		expect(new Set(names).size).toBe(2_000);
		expect(names.filter((digits) => digits.length > 4).length).toBeGreaterThan(0);
		expect(shortName("peer 7")).toBe(shortName("peer 7"));
	});

	it("shows what cannot be seen, and leaves the rest", () => {
		expect(visible("\u202ebob\u200b\t")).toBe("[U+202E]bob[U+200B][U+0009]");
		expect(visible("müde & #1 日本 👍")).toBe("müde & #1 日本 👍");
	});

	it("has a colour of the circle", () => {
		for (const id of ["", "a", "alice", "f".repeat(40)]) {
			expect(hueOf(id)).toBeGreaterThanOrEqual(0);
			expect(hueOf(id)).toBeLessThanOrEqual(360);
		}
	});
});
