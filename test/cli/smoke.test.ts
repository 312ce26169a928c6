import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { shown } from "../../cli/smoke/frames.ts";
import { cli, cliWith } from "../support/cli.ts";
import { startLocalServer } from "../support/local-server.ts";

async function aServer(...options: Parameters<typeof startLocalServer>): Promise<string> {
	const gateway = await startLocalServer(...options);
	onTestFinished(() => gateway.close());
	return gateway.url;
}

describe("smoke", () => {
	it("passes against a server that works, and says how long each step took", async () => {
		const url = await aServer();

		const { code, stdout } = await cli("smoke", url);

		expect({ code, stdout }).toMatchObject({ code: 0 });
		expect(stdout).toMatch(/^ {2}ok {6}A signals B +\d+ ms$/m);
		expect(stdout).toMatch(/^Passed: 14 steps in \d+ ms\.$/m);
	});

	it("writes one document with --json", async () => {
		const url = await aServer();

		const { code, stdout } = await cli("smoke", `${url}?token=secret`, "--json", "--room", "lobby");

		expect(code).toBe(0);
		const data = JSON.parse(stdout);
		expect(data).toMatchObject({ ok: true, url, room: "lobby" });
		expect(data.steps).toHaveLength(14);
		expect(stdout).not.toContain("secret");
	});

	it("fails at the first step that does not go as it should, and says what to do", async () => {
		const url = await aServer({ allowedOrigins: ["https://app.test"], allowMissingOrigin: false });

		const { code, stdout } = await cli("smoke", url);

		expect(code).toBe(1);
		expect(stdout).toContain("came:     HTTP 403 Forbidden");
		expect(stdout).toContain("allowed_origins");
		expect(JSON.parse((await cli("smoke", url, "--json")).stdout)).toMatchObject({
			ok: false,
			steps: [{ title: "A connects", passed: false }],
			failure: { came: expect.stringContaining("403") },
		});
		expect((await cli("smoke", url, "--origin", "https://app.test")).code).toBe(0);
	});

	it("fails if another server answers", async () => {
		const server = createServer((_request, response) => response.writeHead(502).end());
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		onTestFinished(() => void server.close());
		const { port } = server.address() as AddressInfo;

		const { code, stdout } = await cli("smoke", `ws://127.0.0.1:${port}`);

		expect(code).toBe(1);
		expect(stdout).toContain("502");
	});

	it("hides keys in the frames that it prints, and what a terminal would obey", () => {
		const frame = '{"type":"bootstrap_peers","resumeKey":"ad8d","iceServers":[{"username":"u","credential":"c"}]}';

		expect(shown(frame)).toBe(
			'{"type":"bootstrap_peers","resumeKey":"(hidden)","iceServers":[{"username":"u","credential":"(hidden)"}]}',
		);
		expect(shown("\u001b[2Jno JSON\n")).toBe("no JSON\\u{a}");
	});

	it("colours its verdicts on a terminal only, and not with NO_COLOR", async () => {
		const url = await aServer();

		expect((await cliWith({ terminal: true }, "smoke", url)).stdout).toContain("\u001b[32mok");
		expect((await cliWith({ terminal: true, env: { NO_COLOR: "1" } }, "smoke", url)).stdout).not.toContain("\u001b");
		expect((await cli("smoke", url)).stdout).not.toContain("\u001b");
	});

	it.each([
		[[], "<url> is missing"],
		[["https://example.com"], "try wss://example.com"],
		[["localhost:8080"], "must start with wss://"],
		[["ws://x", "--timeout", "soon"], "--timeout must be a number from 0.1 to 600; got soon."],
		[["ws://x", "ws://y"], "Nothing more is expected; got ws://y."],
	])("refuses %j", async (args, message) => {
		const { code, stderr } = await cli("smoke", ...args);

		expect(code).toBe(2);
		expect(stderr).toContain(message);
		expect(stderr).toContain("npx p2pmesh-signaling smoke --help");
	});
});
