/** The bytes that are signed: the same for the same content in any form, and others for any other content. */
import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesToSign, readSeal, writeSeal } from "../../../client/identity/seal.ts";

const address = { room: "room", from: "bob", to: "alice" };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const anyContent = fc.dictionary(fc.string(), fc.jsonValue() as fc.Arbitrary<unknown>, { maxKeys: 6 });

/** The same value with the fields of every object in the opposite order. */
function reversed(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(reversed);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([name, field]) => [name, reversed(field)]),
	);
}

describe("the bytes to sign", () => {
	it("do not depend on the order of fields, on how the text was written, or on fields that are not written", () => {
		fc.assert(
			fc.property(anyContent, (content) => {
				const bytes = bytesToSign(address, "signal", 1, content);
				const other = JSON.parse(JSON.stringify(reversed(content), undefined, 2));
				expect(text(bytesToSign(address, "signal", 1, { ...other, none: undefined }))).toBe(text(bytes));
			}),
			{ seed: 1 },
		);
	});

	it("are others for any other content, address, number or kind", () => {
		const whole = fc.record({
			room: fc.string(),
			from: fc.string(),
			to: fc.string(),
			kind: fc.constantFrom("frame" as const, "signal" as const),
			n: fc.maxSafeNat(),
			content: anyContent,
		});
		fc.assert(
			fc.property(whole, whole, (one, other) => {
				const bytesOf = ({ kind, n, content, ...where }: typeof one) => text(bytesToSign(where, kind, n, content));
				const written = [one, other].map((value) => JSON.parse(JSON.stringify(value)));
				expect(bytesOf(one) === bytesOf(other)).toBe(isDeepStrictEqual(written[0], written[1]));
			}),
			{ seed: 1 },
		);
	});
});

describe("a seal", () => {
	const seal = { key: new Uint8Array(65).fill(251), n: 7, signature: new Uint8Array(64).fill(255) };

	it("is read as it was written", () => {
		expect(readSeal(JSON.parse(JSON.stringify(writeSeal(seal))))).toEqual(seal);
	});

	it("of any other form is none", () => {
		const good = writeSeal(seal);
		for (const wrong of [
			undefined,
			null,
			7,
			[],
			"seal",
			{ ...good, n: "7" },
			{ ...good, n: 1.5 },
			{ ...good, n: 2 ** 53 },
			{ ...good, key: good.sig },
			{ ...good, key: `${good.key}A` },
			{ ...good, key: good.key.slice(1) },
			{ ...good, key: `${good.key.slice(1)}=` },
			{ ...good, key: `${good.key.slice(1)}\u0141` },
			{ ...good, key: [good.key] },
			{ ...good, sig: "A".repeat(1_000_000) },
			{ ...good, sig: undefined },
		]) {
			expect(readSeal(wrong)).toBeUndefined();
		}
	});

	it("is read or not, whatever comes, without a fault", () => {
		fc.assert(
			fc.property(fc.anything(), (value) => {
				readSeal(value);
			}),
			{ seed: 1 },
		);
	});
});
