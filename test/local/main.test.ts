import { createServer } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "../support/client.ts";
import { startCommand } from "../support/start-command.ts";

/** The program of `npm start -- …`, until the end of the test. */
function run(...args: string[]) {
	const command = startCommand(...args);
	onTestFinished(() => command.kill());
	return command;
}

describe("npm start", () => {
	it("prints lines that work when they are pasted", async () => {
		const server = run("--port", "0");

		const url = await server.url();
		const lines = [...server.output().matchAll(/\{"type".*\}/g)].map((match) => match[0]);

		const alice = await connect(url);
		const bob = await connect(url);
		alice.sendText(lines[0] as string);
		expect(await alice.next()).toMatchObject({ type: "bootstrap_peers", peerId: "alice" });
		bob.sendText(lines[1] as string);
		await alice.nextOf("peer_joined");
		bob.sendText(lines[2] as string);
		expect(await alice.next()).toEqual({ type: "signal", to: "alice", data: "hello", from: "bob" });
	});

	it.each(["SIGINT", "SIGTERM"] as const)("closes its connections and ends well on %s", async (signal) => {
		const server = run("--port", "0");
		const url = await server.url();
		const client = await connect(url);

		server.child.kill(signal);

		expect(await client.closed()).toBe(1001);
		expect(await server.exited).toBe(0);
		expect(server.output()).toContain("Closing 1 connections.");
	});

	it("says what to do if the port is in use", async () => {
		const other = createServer();
		await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
		onTestFinished(() => void other.close());
		const { port } = other.address() as { port: number };

		const server = run("--port", String(port));

		expect(await server.exited).toBe(1);
		expect(server.output()).toContain(`Port ${port} on 127.0.0.1 is in use.`);
		expect(server.output()).toMatch(/npm start -- --port \d+/);
	});

	it("lists its options", async () => {
		const server = run("--help");

		expect(await server.exited).toBe(0);
		expect(server.output()).toContain("--allowed-origins");
	});
});
