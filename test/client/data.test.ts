import { runInNewContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { BadData, bytesOf, isBlob, toJson } from "../../client/data.ts";
import { badRequest } from "../../client/data-faults.ts";
import { readBlob } from "../../client/transfer/blob.ts";

const outcome = (run: () => unknown) => {
	try {
		return run();
	} catch (error) {
		if (!(error instanceof BadData)) throw error;
		const { code, message } = badRequest(error);
		return `${code}: ${message}`;
	}
};

describe("bytes", () => {
	const numbers = [1, 2, 3, 4];
	const { buffer } = Uint8Array.from([0, ...numbers, 0]);

	it.each<[string, unknown]>([
		["a Uint8Array", Uint8Array.from(numbers)],
		["a Buffer", Buffer.from(numbers)],
		["an ArrayBuffer", Uint8Array.from(numbers).buffer],
		["a part of a buffer", new Uint8Array(buffer, 1, 4)],
		["a DataView", new DataView(buffer, 1, 4)],
		["a Uint16Array", new Uint16Array(Uint8Array.from(numbers).buffer)],
		["an ArrayBuffer of another realm", runInNewContext("Uint8Array.of(1, 2, 3, 4).buffer")],
		["a Uint8Array of another realm", runInNewContext("Uint8Array.of(1, 2, 3, 4)")],
		["a SharedArrayBuffer", shared(numbers)],
	])("are those of %s", (_name, value) => {
		expect([...(bytesOf(value) ?? [])]).toEqual(numbers);
	});

	it.each<[string, unknown]>([
		["a list", [1, 2]],
		["a text", "12"],
		["an object with a length", { length: 2, byteLength: 2 }],
		["null", null],
	])("are not %s", (_name, value) => {
		expect(bytesOf(value)).toBeUndefined();
	});
});

function shared(numbers: readonly number[]): SharedArrayBuffer {
	const buffer = new SharedArrayBuffer(numbers.length);
	new Uint8Array(buffer).set(numbers);
	return buffer;
}

describe("JSON", () => {
	it.each<[string, unknown]>([
		["a text", "x"],
		["a number", 1.5],
		["null", null],
		["an object of another realm", runInNewContext("({ a: [1, { b: null }] })")],
		["a Date, which says itself what it is in JSON", new Date(0)],
		["an object with a property that is undefined", { a: 1, b: undefined }],
		["an object without a prototype", Object.assign(Object.create(null), { a: 1 })],
		[
			"an object of a class",
			new (class Point {
				x = 1;
			})(),
		],
	])("takes %s as JSON.stringify does", (_name, value) => {
		expect(toJson(value)).toBe(JSON.stringify(value));
	});

	it.each<[string, unknown, string]>([
		["a Map", new Map([[1, 2]]), "A Map cannot be sent:"],
		["a Set", { players: new Set([1]) }, 'A Set cannot be sent (at "players"):'],
		["an Error", [new TypeError("x")], 'An Error cannot be sent (at "0"):'],
		["an Error of another realm", runInNewContext("new Error('x')"), "An Error cannot be sent:"],
		["NaN", { x: Number.NaN }, 'NaN cannot be sent (at "x"):'],
		["Infinity", -Infinity, "-Infinity cannot be sent:"],
		["bytes within an object", { file: Buffer.from("x") }, 'Bytes within other data cannot be sent (at "file"):'],
		["a Blob within a list", [new Blob(["x"])], 'Bytes within other data cannot be sent (at "0"):'],
		["a function", { run: () => 1 }, 'A function cannot be sent (at "run"):'],
		["a symbol", [Symbol("x")], 'A symbol cannot be sent (at "0"):'],
		["a bigint", 1n, "A bigint cannot be sent:"],
		["undefined", undefined, "undefined cannot be sent:"],
		["undefined in a list", [undefined], 'undefined in a list cannot be sent (at "0"):'],
		["a promise", Promise.resolve(1), "A Promise cannot be sent:"],
		["a regular expression", /x/, "A RegExp cannot be sent:"],
		["a Date of no day", new Date(Number.NaN), "An invalid Date cannot be sent:"],
	])("refuses %s, which would arrive changed", (_name, value, message) => {
		expect(outcome(() => toJson(value))).toContain(`BAD_REQUEST: ${message}`);
	});

	it("refuses a circle, with the browser's words as the cause", () => {
		const circle: unknown[] = [];
		circle.push(circle);
		expect(outcome(() => toJson(circle))).toBe("BAD_REQUEST: Data must be bytes or JSON.");
	});
});

describe("a Blob", () => {
	const sizeLimit = 100;

	it("is read, and so is a File", async () => {
		for (const blob of [new Blob(["hello"]), new File(["hello"], "hello.txt")]) {
			expect(isBlob(blob)).toBe(true);
			expect(Buffer.from(await readBlob(blob, sizeLimit)).toString()).toBe("hello");
		}
	});

	it("is not read if it is too large", async () => {
		let read = false;
		const blob = Object.assign(new Blob([new Uint8Array(sizeLimit + 1)]), {
			arrayBuffer: async () => {
				read = true;
				return new ArrayBuffer(0);
			},
		});
		await expect(readBlob(blob, sizeLimit)).rejects.toMatchObject({ code: "TOO_LARGE" });
		expect(read).toBe(false);
	});

	it("is refused if its file was removed since", async () => {
		const blob = Object.assign(new Blob(["x"]), {
			arrayBuffer: () => Promise.reject(new DOMException("Gone.", "NotFoundError")),
		});
		await expect(readBlob(blob, sizeLimit)).rejects.toMatchObject({ code: "BAD_REQUEST", cause: { message: "Gone." } });
	});
});
