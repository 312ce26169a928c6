import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import { build } from "../scripts/build.mjs";

describe("the build", () => {
	it("makes a zip that holds the bundle and nothing else", () => {
		const files = unzipSync(readFileSync(inject("zip")));

		expect(Object.keys(files)).toEqual(["index.mjs"]);
		expect(Buffer.from(files["index.mjs"] ?? [])).toEqual(readFileSync(inject("bundle")));
	});

	it("makes the same bytes at another time, in another place and in another time zone", async () => {
		const directory = mkdtempSync(join(tmpdir(), "build-"));
		const zone = process.env.TZ;
		onTestFinished(() => {
			if (zone === undefined) delete process.env.TZ;
			else process.env.TZ = zone;
			rmSync(directory, { recursive: true });
		});
		process.env.TZ = "Pacific/Kiritimati";

		const { zip } = await build(directory);

		expect(readFileSync(zip).equals(readFileSync(inject("zip")))).toBe(true);
	});
});
