/** One file of declarations, out of many. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { rollUpTypes } from "../../scripts/roll-up-types.mjs";

function rolledUp(files: Record<string, string>): string {
	const folder = mkdtempSync(join(tmpdir(), "types-"));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.d.ts`), text);
	return rollUpTypes(join(folder, "index.d.ts"));
}

it("has what the entry exports, and what that needs, with their docs", () => {
	const types = rolledUp({
		index:
			'import type { Part } from "./part.ts";\nexport type { Other } from "./part.ts";\n/** A whole. */\nexport declare function whole(part: Part): void;\n',
		part: 'export interface Part {\n    readonly kind: Kind;\n}\ntype Kind = "a";\nexport type Other = number;\nexport type Unused = RTCPeerConnection;\n',
	});

	expect(types).toContain("/** A whole. */\ndeclare function whole(part: Part): void;");
	expect(types).toContain("interface Part");
	expect(types).toContain('type Kind = "a"');
	expect(types).toContain("export { Other, whole };");
	expect(types).not.toContain("Unused");
});

it("keeps every overload of a function", () => {
	const types = rolledUp({
		index: "export declare function f(a: string): void;\nexport declare function f(a: number): void;\n",
	});

	expect(types.match(/declare function f/g)).toHaveLength(2);
});

it.each([
	{
		what: "one name for two things",
		files: {
			index: 'export type { A } from "./a.ts";\nexport type { B } from "./b.ts";\n',
			a: "type X = 1;\nexport type A = X;\n",
			b: "type X = 2;\nexport type B = X;\n",
		},
	},
	{
		what: "another name for a thing",
		files: { index: 'export type { A as B } from "./a.ts";\n', a: "export type A = 1;\n" },
	},
	{ what: "everything of a module", files: { index: 'export * from "./a.ts";\n', a: "export type A = 1;\n" } },
	{
		what: "an import within a type",
		files: { index: 'export type A = import("./a.ts").A;\n', a: "export type A = 1;\n" },
	},
	{ what: "what is not there", files: { index: 'export type { A } from "./a.ts";\n', a: "export type B = 1;\n" } },
])("refuses $what", ({ files }) => {
	expect(() => rolledUp(files as unknown as Record<string, string>)).toThrow();
});
