import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { describe, expect, inject, it, onTestFinished } from "vitest";
import project from "../package.json" with { type: "json" };
import { build, LOCAL_PACKAGES } from "../scripts/build.mjs";

describe("the build", () => {
	it("makes a zip that holds the bundle's files and nothing else", () => {
		const folder = dirname(inject("bundle"));
		const files = unzipSync(readFileSync(inject("zip")));

		const built = readdirSync(folder).filter((file) => file.endsWith(".mjs"));
		expect(Object.keys(files).sort()).toEqual(built.sort());
		for (const [file, bytes] of Object.entries(files)) {
			expect(readFileSync(join(folder, file)).equals(bytes), file).toBe(true);
		}
	});

	it("loads the code for tokens only with a function that asks for them", () => {
		const lazy = /ERR_JWT_EXPIRED|ERR_JWKS_/; // names in the package that verifies tokens

		const loaded = inject("atStart").map((file) => readFileSync(file, "utf8"));

		expect(loaded.length).toBeGreaterThan(1);
		expect(loaded.filter((text) => lazy.test(text))).toEqual([]);
		const all = Object.values(unzipSync(readFileSync(inject("zip")))).map((bytes) => Buffer.from(bytes).toString());
		expect(all.filter((text) => lazy.test(text)).length).toBe(1);
	});

	it("notes the zip's hash and the hash of its sources, by which Terraform knows it again", () => {
		const zip = readFileSync(inject("zip"));

		expect(JSON.parse(readFileSync(`${inject("zip")}.json`, "utf8"))).toEqual({
			sources: expect.stringMatching(/^[0-9a-f]{64}$/),
			zip: createHash("sha256").update(zip).digest("hex"),
		});
	});

	it("says in package.tf which packages do not shape the bundle, as in the build", () => {
		const list = /local_packages\s*= (\[.*?\])/.exec(readFileSync("package.tf", "utf8"))?.[1];

		expect(JSON.parse(list ?? "[]")).toEqual(LOCAL_PACKAGES);
	});

	it("makes the same bytes at another time, in another place, in another time zone and under another umask", async () => {
		const mask = process.umask(0o077);
		onTestFinished(() => void process.umask(mask));
		const directory = mkdtempSync(join(tmpdir(), "build-"));
		const zone = process.env.TZ;
		onTestFinished(() => {
			if (zone === undefined) delete process.env.TZ;
			else process.env.TZ = zone;
			rmSync(directory, { recursive: true });
		});
		process.env.TZ = "Pacific/Kiritimati";

		const { zip, packages } = await build(directory);

		expect(readFileSync(zip).equals(readFileSync(inject("zip")))).toBe(true);
		expect(packages.filter((name) => LOCAL_PACKAGES.includes(basename(name)))).toEqual([]);
		expect(packages).toContain("@smithy/signature-v4");
		// A new dependency belongs to the bundle, to its build, or to the local packages, which do not redeploy.
		const known = new Set([...packages.map((name) => basename(name)), ...LOCAL_PACKAGES, "esbuild", "fflate"]);
		expect(Object.keys(project.dependencies).filter((name) => !known.has(basename(name)))).toEqual([]);
	});
});
