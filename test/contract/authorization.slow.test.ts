/** Access to the server that the command line starts. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe } from "vitest";
import { startCommand } from "../support/start-command.ts";
import { aSecret } from "../support/tokens.ts";
import { authorizationContract } from "./authorization.contract.ts";

describe("npm start", () => {
	const secret = aSecret();
	let folder: string;
	let url: string;
	let stop: () => void;
	const store = (secrets: readonly string[]) => writeFile(join(folder, "secret.txt"), secrets.join("\n"));

	beforeAll(async () => {
		folder = await mkdtemp(join(tmpdir(), "authorization-"));
		await store([secret]);
		const options = ["--auth-mode", "shared_secret", "--auth-secret-file", join(folder, "secret.txt")];
		const more = ["--allowed-origins", "https://app.example.com", "--auth-claims-required", "no"];
		const command = startCommand("--port", "0", ...options, ...more);
		stop = command.kill;
		url = await command.url();
	});
	afterAll(async () => {
		stop?.();
		await rm(folder, { recursive: true });
	});

	authorizationContract("the local server", { url: () => url, secret: () => secret, store });
});
