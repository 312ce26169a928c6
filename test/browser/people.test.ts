import { describe, expect, it } from "vitest";
import { cleanName, label, learnName, MAX_NAME_LENGTH, nameOf, suggestName } from "../../examples/browser/people.js";

describe("a name that somebody chose", () => {
	it.each([
		["teal otter", "teal otter"],
		["  Zoë   O'Neil-Smith_2. ", "Zoë O'Neil-Smith_2."],
		["日本 🦦", "日本 🦦"],
		["bob\u200b\u202e", "bob"],
		["bob (01234567…)", "bob 01234567"],
		["bob·2bd8", "bob 2bd8"],
		["a\u0301\u0301\u0301\u0301\u0301\u0301", "\u00e1\u0301\u0301"],
		["x".repeat(1_000), "x".repeat(MAX_NAME_LENGTH)],
		["<b>", "b"],
		["\u3164", ""],
		[{ name: "bob" }, ""],
		[undefined, ""],
	])("%j becomes %j", (value, name) => {
		expect(cleanName(value)).toBe(name);
		expect(cleanName(name)).toBe(name);
	});

	it("stands beside the id, which tells two of the same name apart", () => {
		const [one, other] = ["1".repeat(40), "2".repeat(40)];
		learnName(one, "bob");
		learnName(other, "bob");

		expect([label(one), label(other)]).toEqual(["bob (11111111…)", "bob (22222222…)"]);
		learnName(one, "");
		expect(label(one)).toBe("11111111…");
		expect(nameOf("nobody")).toBe("");
	});

	it("is suggested by the id: a colour and an animal, which stay as they are", () => {
		expect(suggestName("alice")).toMatch(/^[a-z]+ [a-z]+$/);
		expect(suggestName("alice")).toBe(suggestName("alice"));
		expect(cleanName(suggestName("alice"))).toBe(suggestName("alice"));
	});
});
