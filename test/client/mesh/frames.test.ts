import { describe, expect, it } from "vitest";
import { MAX_ATTEMPTS, MAX_BRIDGE_STEPS, MAX_HOPS } from "../../../client/limits.ts";
import { decodeFrame, encodeFrame, type MeshFrame } from "../../../client/mesh/frames.ts";

const body = Uint8Array.of(10, 0, 255, 10);
/** With the byte that is the channel's. */
const bytesOf = (text: string) => new TextEncoder().encode(`\0${text}`);
const decoded = (header: object) => decodeFrame(bytesOf(`${JSON.stringify(header)}\n`));

const frames: MeshFrame[] = [
	{ kind: "direct", bytes: false, body },
	{ kind: "direct", bytes: true, body },
	{ kind: "routed", id: "1", from: "ü", hops: 16, bytes: true, body },
	{ kind: "routed", id: "1", attempt: 2, from: "x", to: "y", hops: 1, probe: true, bytes: false, body },
	{ kind: "routed", id: "2", from: "y", to: "x", hops: 3, answers: "1", bytes: false, body },
	{ kind: "beacon", root: "a", seq: 1, age: 0, parent: "", links: 2 },
	{ kind: "bridge", to: "z", steps: 0 },
];

describe("a frame", () => {
	it.each(frames)("comes out as it was put in: %j", (frame) => {
		expect(decodeFrame(encodeFrame(frame))).toMatchObject(frame);
	});

	it("is encoded once for all neighbours", () => {
		const frame = frames[2] as MeshFrame;
		expect(encodeFrame(frame)).toBe(encodeFrame(frame));
	});

	it("needs a header that is an object", () => {
		for (const text of ["", "\n", "{}", "null\nx", "[]\nx", '"x"\n', "{\n}", `${" ".repeat(5_000)}{}\n`]) {
			expect(decodeFrame(bytesOf(text)), JSON.stringify(text)).toBeUndefined();
		}
	});
});

const noPrimitive = { valueOf: null, toString: null };
const noId = [null, 1, true, {}, [], noPrimitive, "", "a\nb", "x".repeat(129)];
const noWhole = [null, "1", {}, noPrimitive, -1, 1.5, 1e300];

const bounds: [kind: string, header: object, bad: Record<string, readonly unknown[]>][] = [
	[
		"a message",
		{ i: "1", f: "x", h: 5, t: "y", n: 1, a: "0" },
		{
			i: noId,
			f: [undefined, ...noId],
			h: [undefined, ...noWhole, 0, MAX_HOPS + 1],
			t: noId.filter((value) => value !== null),
			n: [...noWhole.filter((value) => value !== null), 0, MAX_ATTEMPTS + 1],
			a: noId.filter((value) => value !== null),
		},
	],
	[
		"a bridge",
		{ k: "bridge", to: "z", steps: 3 },
		{ to: [undefined, ...noId], steps: [undefined, ...noWhole, MAX_BRIDGE_STEPS + 1] },
	],
];

describe.each(bounds)("%s", (_kind, header, bad) => {
	it("is read if every field is within its bounds", () => {
		expect(decoded(header)).toBeDefined();
	});

	it.each(Object.entries(bad))("is not read if its field %s is out of bounds", (field, values) => {
		for (const value of values) {
			expect(decoded({ ...header, [field]: value }), JSON.stringify(value)).toBeUndefined();
		}
	});
});
