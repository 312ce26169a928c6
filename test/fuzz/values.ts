/** JSON as its authors did not mean it: as text, because many faults do not survive as a value. */
import fc from "fast-check";

const oddNumbers = [
	"-0",
	"1e999",
	"-1e999",
	"1e-999",
	"9007199254740993",
	"1e20",
	"0.30000000000000004",
	`1${"0".repeat(400)}`,
];
const oddStrings = [
	"__proto__",
	"constructor",
	"prototype",
	"toString",
	"hasOwnProperty",
	"toJSON",
	"then",
	"",
	"\0",
	"\u2028",
	"\ufeff",
	"a\r\nb",
	"😀",
	"e\u0301",
	"../..",
	"*",
];
/** Halves of surrogate pairs, which only an escape can put into a frame. */
const loneSurrogates = ['"\\ud800"', '"a\\udfffb"', '"\\udc00\\ud800"'];
const fieldNames = [
	"type",
	"peerId",
	"room",
	"to",
	"from",
	"id",
	"resumeKey",
	"identity",
	"token",
	"target",
	"count",
	"message",
	"code",
];

export const stringText: fc.Arbitrary<string> = fc.oneof(
	fc.constantFrom(...oddStrings).map((text) => JSON.stringify(text)),
	fc.string({ unit: "binary", maxLength: 20 }).map((text) => JSON.stringify(text)),
	fc.constantFrom(...loneSurrogates),
);

export const numberText: fc.Arbitrary<string> = fc.oneof(
	fc.constantFrom(...oddNumbers),
	fc.integer().map(String),
	fc.double().map((number) => JSON.stringify(number)),
);

const scalarText = fc.oneof(fc.constantFrom("null", "true", "false"), numberText, stringText);
const keyText = fc.oneof(
	fc.constantFrom(...fieldNames).map((name) => `"${name}"`),
	stringText,
);

/** A field of an object, as text. */
export type Field = readonly [key: string, value: string];

/** An object of these fields in this order; names may repeat. */
export function objectText(fields: readonly Field[]): string {
	return `{${fields.map(([key, value]) => `${key}:${value}`).join()}}`;
}

/** Any JSON, also with repeated names. */
export const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string; array: string; object: string }>((tie) => ({
	value: fc.oneof({ depthSize: "small" }, scalarText, tie("array"), tie("object")),
	array: fc.array(tie("value"), { maxLength: 4 }).map((items) => `[${items.join()}]`),
	object: fc.array(fc.tuple(keyText, tie("value")), { maxLength: 4 }).map(objectText),
})).value;

export const anyField: fc.Arbitrary<Field> = fc.tuple(keyText, jsonText);

/** Nested more deeply than recursion reaches; JSON.parse reads it all the same, JSON.stringify does not write it. */
export const deepText: fc.Arbitrary<string> = fc
	.tuple(fc.constantFrom(100, 2_000, 5_000, 15_900), fc.constantFrom(["[", "]"], ['{"":', "}"]))
	.map(([depth, [open, close]]) => `${open?.repeat(depth)}${open === "[" ? "" : "0"}${close?.repeat(depth)}`);

/** A string of about `bytes` bytes, in characters of every length and in escapes. */
export const hugeText = (bytes: fc.Arbitrary<number>): fc.Arbitrary<string> =>
	fc
		.tuple(fc.constantFrom("x", "é", "€", "😀", "\\u0000", "\\ud800", '\\"'), bytes)
		.map(([unit, length]) => `"${unit.repeat(Math.floor(length / Buffer.byteLength(unit)))}"`);

/** Short members that grow when the server replaces their value: `from` with a number becomes `from` with an id. */
export const swellingText: fc.Arbitrary<string> = fc
	.integer({ min: 3_300, max: 3_500 })
	.map((count) => `0${',"from":1'.repeat(count)}`);
