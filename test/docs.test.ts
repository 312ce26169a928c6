import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { ERROR_CODES, MAX_ID_LENGTH, MAX_MESSAGE_BYTES, RELAYED_TYPES } from "../protocol/index.ts";

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), "utf8");

describe("docs/protocol.md", () => {
	const protocol = read("docs/protocol.md");

	it.each(Object.entries(ERROR_CODES))("says what %s means, and whether to try again", (code, { retryable }) => {
		const row = protocol.split("\n").find((line) => line.startsWith(`| \`${code}\` |`)) ?? "";

		expect(row.split("|")[2]?.trim()).toBe(retryable ? "yes" : "no");
	});

	it.each(RELAYED_TYPES)("lists %s among the relayed types", (type) => {
		expect(protocol).toContain(`\`${type}\``);
	});
});

describe.each(["README.md", "docs/protocol.md"])("%s", (path) => {
	it("names the limits that are in force", () => {
		expect(read(path)).toContain(`${MAX_MESSAGE_BYTES.toLocaleString("en-US")} bytes`);
		expect(read(path)).toContain(`${MAX_ID_LENGTH} characters`);
	});
});
