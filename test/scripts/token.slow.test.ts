import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { decodeProtectedHeader, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { aSecret } from "../support/tokens.ts";

const script = fileURLToPath(new URL("../../scripts/token.ts", import.meta.url));

/** What `npm run token -- --secret-file - …` does with this secret. */
function mint(secret: string, ...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
	const child = spawn(process.execPath, ["--import", "tsx", script, "--secret-file", "-", ...args]);
	let stdout = "";
	let stderr = "";
	child.stdout.on("data", (chunk) => (stdout += chunk));
	child.stderr.on("data", (chunk) => (stderr += chunk));
	child.stdin.end(`${secret}\nan older one\n`);
	return new Promise((resolve) => child.once("close", (code) => resolve({ code, stdout, stderr })));
}

describe("npm run token", () => {
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

	it.each([
		["short", [], "The secret must have at least 32 characters; it has 5."],
		[aSecret(), ["--expires-in", "soon"], "--expires-in must be such as 90s, 15m or 2h; got soon."],
		[aSecret(), ["--claim", "=x"], "--claim must be <name>=<value>; got =x."],
		[aSecret(), ["--secret", "x"], "Unknown option '--secret'"],
	])("refuses %s %j", async (secret, args, message) => {
		const { code, stdout, stderr } = await mint(secret, ...args);

		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		expect(stderr).toContain(message);
	});
});
