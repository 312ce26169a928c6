import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { EXIT } from "../cli/command-line/exit-codes.ts";
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

describe("docs/cli.md", () => {
	const text = read("docs/cli.md");
	const sources = ["leases", "connections"].map((name) => read(`cli/aws/${name}.ts`)).join("\n");

	it("lists the permissions that the commands need, and no others", () => {
		const commands = [...sources.matchAll(/new (\w+)Command\(/g)].map(([, name]) => name as string);
		const needed = commands.map((name) =>
			// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-control-access-iam.html
			name === "DeleteConnection" ? "execute-api:ManageConnections" : `dynamodb:${name}`,
		);
		const policy = JSON.parse(/```json\n([\s\S]*?)```/.exec(text)?.[1] ?? "") as {
			Statement: { Action: string | string[] }[];
		};

		expect(policy.Statement.flatMap(({ Action }) => Action).sort()).toEqual([...new Set(needed)].sort());
		for (const action of needed) expect(text.split("```json")[0]).toContain(action);
	});

	it.each(Object.values(EXIT))("says what the exit code %i means", (code) => {
		expect(text).toMatch(new RegExp(`^\\| ${code} \\| the `, "m"));
	});
});
