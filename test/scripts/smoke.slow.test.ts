import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { startLocalServer } from "../support/local-server.ts";

const script = fileURLToPath(new URL("../../scripts/smoke.ts", import.meta.url));

/** What `npm run smoke -- …` does. */
function smoke(...args: string[]): Promise<{ code: number | null; output: string }> {
	const child = spawn(process.execPath, ["--import", "tsx", script, ...args]);
	let output = "";
	for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
	return new Promise((resolve) => child.once("close", (code) => resolve({ code, output })));
}

describe("npm run smoke", () => {
	it("passes against a server that works, and says how long each step took", async () => {
		const gateway = await startLocalServer();
		onTestFinished(() => gateway.close());

		const { code, output } = await smoke(gateway.url);

		expect({ code, output }).toMatchObject({ code: 0 });
		expect(output).toMatch(/^Passed: 13 steps in \d+ ms\.$/m);
	});

	it("fails at the first step that does not go as it should", async () => {
		const gateway = await startLocalServer({ allowedOrigins: ["https://app.test"], allowMissingOrigin: false });
		onTestFinished(() => gateway.close());

		const { code, output } = await smoke(gateway.url);

		expect(code).toBe(1);
		expect(output).toContain("403");
		expect((await smoke(gateway.url, "--origin", "https://app.test")).code).toBe(0);
	});

	it("fails where nothing answers", async () => {
		const server = createServer((_request, response) => response.writeHead(502).end());
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		onTestFinished(() => void server.close());
		const { port } = server.address() as AddressInfo;

		const { code, output } = await smoke(`ws://127.0.0.1:${port}`);

		expect(code).toBe(1);
		expect(output).toContain("502");
	});

	it.each([[[]], [["https://example.com"]], [["ws://x", "--timeout", "soon"]]])("refuses %j", async (args) => {
		const { code, output } = await smoke(...args);

		expect(code).toBe(2);
		expect(output).toContain("npm run smoke");
	});
});
