import { decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { cliWith } from "../support/cli.ts";
import { aSecret } from "../support/tokens.ts";

const mint = (secret: string, ...args: string[]) =>
	cliWith({ input: `${secret}\nan older one\n` }, "token", "--secret-file", "-", ...args);

describe("token", () => {
	it("prints a token that says what it was told, signed with the first secret", async () => {
		const secret = aSecret();
		const args = ["--sub", "alice", "--rooms", "lobby, team-*", "--expires-in", "15m", "--claim", "name=Alice = me"];

		const { code, stdout } = await mint(secret, ...args);

		expect(code).toBe(0);
		const token = stdout.trim();
		const { payload } = await jwtVerify(token, new TextEncoder().encode(secret));
		expect(decodeProtectedHeader(token).alg).toBe("HS256");
		expect(payload).toMatchObject({ sub: "alice", rooms: ["lobby", "team-*"], name: "Alice = me" });
		expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(15 * 60);
	});

	it("writes the token and its end with --json", async () => {
		const secret = aSecret();

		const { ok, token, expiresAt } = JSON.parse((await mint(secret, "--json")).stdout);

		const { payload } = await jwtVerify(token, new TextEncoder().encode(secret));
		expect({ ok, expiresAt }).toEqual({ ok: true, expiresAt: payload.exp });
	});

	it.each([
		["short", [], "The secret must have at least 32 characters; it has 5."],
		[aSecret(), ["--expires-in", "soon"], "--expires-in must be such as 90s, 15m or 2h; got soon."],
		[aSecret(), ["--claim", "=x"], "--claim must be <name>=<value>; got =x."],
		[aSecret(), ["--secret", "x"], "Unknown option '--secret'. Did you mean --secret-file?"],
		[aSecret(), ["alice"], "No argument is expected; got alice."],
	])("refuses %s %j", async (secret, args, message) => {
		const { code, stdout, stderr } = await mint(secret, ...args);

		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toContain(message);
	});
});
