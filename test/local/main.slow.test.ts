/** `npm start`, as far as test/local/main.test.ts leaves it: a process for each option and each refusal takes long. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { connect } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { startCommand } from "../support/start-command.ts";

/** The program of `npm start -- …`, until the end of the test. */
function run(...args: string[]) {
	const command = startCommand(...args);
	onTestFinished(() => command.kill());
	return command;
}

describe("npm start", () => {
	it("delivers on SIGTERM every signal that was sent before its clients are told to go away", async () => {
		const server = run("--port", "0", "--client-burst-limit", "10000");
		const url = await server.url();
		const [alice, bob] = [await connect(url), await connect(url)];
		await alice.join("alice");
		await bob.join("bob");
		let told = false;
		void alice.nextOf("go_away").then(() => (told = true));

		let sent = 0;
		while (!told) {
			// No more than a slow machine delivers within the server's grace.
			for (let n = 0; n < 20 && sent < 1_000; n++) alice.send({ type: "signal", to: "bob", n: sent++ });
			if (sent === 100) server.child.kill("SIGTERM");
			await new Promise((resolve) => setImmediate(resolve));
		}

		const numbers = [];
		while (numbers.length < sent) numbers.push((await bob.nextOf("signal")).n);
		expect(numbers).toEqual(Array.from({ length: sent }, (_, n) => n));
		expect(await server.exited).toBe(0);
	});

	it.each([
		[["--port", "http"], "--port must be a whole number from 0 to 65535; got http."],
		[["--duplicate-peer-policy", "both"], "--duplicate-peer-policy must be one of replace, reject; got both."],
		[["--nonsense"], "Unknown option '--nonsense'"],
		[["--auth-mode", "shared_secret"], "--auth-secret-file is needed with --auth-mode shared_secret."],
		[["--auth-mode", "jwt", "--jwt-audience", "x"], "--jwt-issuer is needed with --auth-mode jwt."],
		[["--auth-mode", "jwt", "--jwt-audience", "x", "--jwt-issuer", "x"], "--jwt-jwks-url must be a URL; got x/.well-"],
		[["--turn-urls", "turn:turn.test"], "--turn-secret-file is needed with --turn-urls."],
		[["--turn-urls", "turn:turn.test", "--turn-secret-file", "nowhere"], "no such file or directory, open 'nowhere'"],
		[
			["--auth-mode", "shared_secret", "--auth-secret-file", "package.json"],
			"package.json must hold one or two secrets, a line each; it holds",
		],
	])("refuses %j", async (args, message) => {
		const server = run(...args);

		expect(await server.exited).toBe(2);
		expect(server.output()).toContain(message);
	});

	it("tells newcomers of the STUN and TURN servers that it was told of", async () => {
		const folder = await mkdtemp(join(tmpdir(), "turn-"));
		onTestFinished(() => rm(folder, { recursive: true }));
		await writeFile(join(folder, "secret"), "shared with coturn\n");
		const turn = ["--turn-urls", "turn:turn.test,turns:turn.test", "--turn-secret-file", join(folder, "secret")];
		const server = run("--port", "0", "--stun-urls", "stun:stun.test", ...turn);
		const url = await server.url();
		const client = await connect(url);

		const { iceServers } = await client.join("alice");

		expect(iceServers).toEqual([
			{ urls: ["stun:stun.test"] },
			{
				urls: ["turn:turn.test", "turns:turn.test"],
				username: expect.stringMatching(/^\d+:alice$/),
				credential: expect.stringMatching(/^[\w+/]+=$/),
			},
		]);
	});

	it("closes a client that has not joined in time, and leaves the others", async () => {
		const server = run("--port", "0", "--join-deadline", "5");
		const url = await server.url();
		// A busy machine may need more than one try to join within the deadline.
		const joined = await eventually(async () => {
			const client = await connect(url);
			return client.join("alice").then(
				() => client,
				() => undefined,
			);
		});
		const idle = await connect(url);

		expect(await idle.closed()).toBe(1008);
		expect(await joined.unread()).toEqual([]);
	});
});
