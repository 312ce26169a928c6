import { describe, expect, it } from "vitest";
import { countConstructions, proseOf, unitOf } from "../../scripts/check-prose.mjs";

const found = (path: string, text: string) => countConstructions(proseOf(path, text)).hits.map((hit) => hit.text);

describe("countConstructions", () => {
	it.each([
		["A frame is refused where it is too large.", "where it"],
		["Waits. Who leaves is gone.", "Who leaves"],
		["Reads what is left.", "what is"],
		["Its lease and that of its holder.", "that of"],
		["Tells nobody.", "nobody"],
		["A text without fields, nothing but blanks.", "nothing but"],
		["Each has a file of its own.", "of its own"],
		["The client whose join failed.", "whose"],
		["Nobody is told.", "Nobody"],
	])("finds the construction in %j", (text, construction) => {
		expect(countConstructions(text).hits.map((hit) => hit.text)).toEqual([construction]);
	});

	it.each([
		"A client that sends too fast is refused if its peer has left.",
		"The table says where each peer is.",
		"Peers who are near are told.",
		"That is a question of time.",
	])("takes %j for plain English", (text) => {
		expect(countConstructions(text).hits).toEqual([]);
	});

	it("finds a construction that is split over two lines, and gives the line it begins on", () => {
		expect(countConstructions("One line.\nA frame is refused where\nit is too large.").hits).toMatchObject([
			{ name: "where", line: 2, text: "where it" },
		]);
	});

	it("does not join two paragraphs", () => {
		expect(countConstructions("It says where\n\nit ends").hits).toEqual([]);
	});

	it("counts the words", () => {
		expect(countConstructions("| One table row: 2 words — and `code` |".replace("`code`", "\uFFFC")).words).toBe(7);
	});

	it("finds nothing in no text", () => {
		expect(countConstructions("")).toEqual({ words: 0, hits: [] });
	});
});

describe("proseOf", () => {
	it("reads the comments of a program, at their lines", () => {
		const text = ["/**", " * Read where", " * it is.", " */", "const nobody = 1; // told anew", ""].join("\n");

		expect(countConstructions(proseOf("a.ts", text)).hits).toMatchObject([
			{ line: 2, text: "where it" },
			{ line: 5, text: "anew" },
		]);
	});

	it("takes the first word of a comment for the first word of a sentence", () => {
		expect(found("a.ts", "call();\n/** Who leaves wants to be gone. */")).toEqual(["Who leaves"]);
		expect(found("a.ts", "call();\n// Who leaves wants to be gone.")).toEqual(["Who leaves"]);
	});

	it("reads a line comment that goes on as one sentence", () => {
		expect(found("a.ts", "// The peers\n// who leave are told.")).toEqual([]);
		expect(found("a.ts", "// It is read where\n// it is.")).toEqual(["where it"]);
	});

	it("passes over strings, templates and regular expressions", () => {
		const text = ['const a = "// nobody";', "const b = 'https://nobody';", "const c = `", "// nobody`;"].join("\n");

		expect(found("a.mjs", text)).toEqual([]);
		expect(found("a.mjs", "const quote = /['\"`]/; // nobody\nconst open = `x`; // somebody")).toEqual([
			"nobody",
			"somebody",
		]);
	});

	it.each(["#", "//"])("reads the %s comments of Terraform", (mark) => {
		expect(found("main.tf", `name = "nobody#nobody" ${mark} whatever it is`)).toEqual(["whatever"]);
		expect(found("a.tftest.hcl", `${mark} no more`)).toEqual(["no more"]);
	});

	it("passes over code and addresses in comments and in Markdown", () => {
		expect(found("a.ts", "// Set `nobody`, see https://example.com/nobody")).toEqual([]);
		expect(
			found("a.md", "Set `nobody` or ``a ` nobody``, see [this](nobody.md) and <https://example.com/nobody>"),
		).toEqual([]);
		expect(found("a.md", "Before, nobody.\n\n```sh\nwhatever\n```\n\nAfter, somebody.")).toEqual([
			"nobody",
			"somebody",
		]);
	});

	it("reads on after a mark of code without a partner", () => {
		expect(found("a.ts", "/** A digit or `_`|~`. */\ncall();\n/** Tells nobody of `a`. */")).toEqual(["nobody"]);
		expect(found("a.md", "A lone ` mark.\n\nTells nobody of `a`.")).toEqual(["nobody"]);
	});

	it("reads no other kind of file", () => {
		expect(proseOf("a.json", '"nobody"')).toBe("");
	});
});

describe("unitOf", () => {
	it("is the top-level folder, the Markdown file of the root, or all root files of a kind", () => {
		expect(unitOf("lambda/core/join.ts")).toBe("lambda");
		expect(unitOf("README.md")).toBe("README.md");
		expect(unitOf("main.tf")).toBe("*.tf");
	});
});
