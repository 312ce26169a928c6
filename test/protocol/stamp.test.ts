import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stamp } from "../../protocol/stamp.ts";

describe("stamp", () => {
	it.each([
		['{"type":"signal"}', '{"type":"signal","from":"bob"}'],
		['{ "from" : "mallory" , "n":1 }', '{ "from" : "bob" , "n":1 }'],
		['{"fr\\u006fm":{"from":[1,"}"]},"n":1}', '{"fr\\u006fm":"bob","n":1}'],
		['{"from":1,"from":null,"x":{"from":2}}', '{"from":"bob","from":"bob","x":{"from":2}}'],
		['{"n":12345678901234567890,"e":1e400,"from":-1.5e3}', '{"n":12345678901234567890,"e":1e400,"from":"bob"}'],
		['{"a":"\\\\","from":"\\"}"}\n', '{"a":"\\\\","from":"bob"}\n'],
		['{"from":[[[]]]}', '{"from":"bob"}'],
	])("turns %s into %s", (text, stamped) => {
		expect(stamp(text, "bob")).toBe(stamped);
	});

	it("sets `from` and changes nothing else, for any object and any spacing", () => {
		const object = fc.dictionary(fc.oneof(fc.string(), fc.constantFrom("from", "to")), fc.jsonValue());
		fc.assert(
			fc.property(object, fc.constantFrom(undefined, 1, "\t"), fc.string({ minLength: 1 }), (value, space, from) => {
				// JSON.parse cannot take an empty object's text with a member added, and a frame is never empty.
				const sent = { type: "signal", ...value };

				expect(JSON.parse(stamp(JSON.stringify(sent, null, space), from))).toEqual({
					...JSON.parse(JSON.stringify(sent)),
					from,
				});
			}),
		);
	});

	it("takes deep nesting", () => {
		const deep = `${"[".repeat(9_000)}${"]".repeat(9_000)}`;

		expect(stamp(`{"from":1,"data":${deep}}`, "bob")).toBe(`{"from":"bob","data":${deep}}`);
	});
});
