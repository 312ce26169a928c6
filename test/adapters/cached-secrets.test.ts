import { beforeEach, describe, expect, it } from "vitest";
import { cachedSecrets, type RereadableSecrets } from "../../lambda/adapters/cached-secrets.ts";
import { DependencyError } from "../../lambda/core/ports.ts";
import { someLog } from "../support/defaults.ts";
import { aClock } from "../support/records.ts";

describe("cachedSecrets", () => {
	const clock = aClock();
	let log: ReturnType<typeof someLog>;
	let stored: string | Error;
	let readings: number;
	let secrets: RereadableSecrets;

	beforeEach(() => {
		log = someLog();
		stored = "one";
		readings = 0;
		const read = async () => {
			readings += 1;
			if (stored instanceof Error) throw stored;
			return stored;
		};
		secrets = cachedSecrets({ read, name: "ssm:/secret", minLength: 3, clock, log });
	});

	it("reads once for all who ask", async () => {
		await Promise.all([secrets.current(), secrets.current(), secrets.reread()]);
		await secrets.current();

		expect(readings).toBe(1);
	});

	it("reads again when what it has is five minutes old", async () => {
		await secrets.current();
		stored = " new \r\n one\n\n";
		clock.forward(5 * 60_000);
		expect(await secrets.current()).toEqual(["one"]);

		clock.forward(1);
		expect(await secrets.current()).toEqual(["new", "one"]);
	});

	it("reads again for who is not content, but not within seconds", async () => {
		const first = await secrets.current();
		stored = "new";

		clock.forward(4_999);
		expect(await secrets.reread()).toBe(first);

		clock.forward(1);
		expect(await secrets.reread()).toEqual(["new"]);
	});

	it("keeps what it has where reading fails", async () => {
		const first = await secrets.current();
		stored = new Error("injected");
		clock.forward(6 * 60_000);

		expect(await secrets.current()).toBe(first);
		expect(log.lines).toMatchObject([{ level: "warn", event: "secret_not_reread", fields: { name: "ssm:/secret" } }]);
	});

	it("fails as a dependency does where it has nothing yet, and reads anew for the next who asks", async () => {
		stored = new Error("injected");
		await expect(secrets.current()).rejects.toThrow(DependencyError);

		stored = "one";
		expect(await secrets.current()).toEqual(["one"]);
	});

	it.each([
		["", "ssm:/secret must hold one or two secrets, a line each; it holds 0."],
		["one\ntwo\nthree", "ssm:/secret must hold one or two secrets, a line each; it holds 3."],
		["one\nno", "ssm:/secret must hold secrets of at least 3 characters; one has 2."],
	])("says what is wrong with %j, and does not say what it is", async (value, message) => {
		stored = value;

		await expect(secrets.current()).rejects.toMatchObject({ cause: { message } });
	});
});
