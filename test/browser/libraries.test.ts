import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { sha256 } from "../../examples/browser/sha256.js";
import { pageLibraries } from "../../scripts/build-page.mjs";

it("the page's libraries are those of package.json: node scripts/build-page.mjs", async () => {
	for (const [path, content] of await pageLibraries()) expect(readFileSync(path, "utf8")).toBe(content);
});

it("the page's SHA-256 is that of Node.js", () => {
	const bytes = new TextEncoder().encode("müde & #1");

	expect(Buffer.from(sha256(bytes)).toString("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
});
