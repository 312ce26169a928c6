import { Writable } from "node:stream";
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { createProgress } from "../../cli/command-line/progress.ts";
import { nearestWord } from "../../cli/command-line/suggest.ts";
import { PROGRAM } from "../../cli/program.ts";
import packageFile from "../../package.json" with { type: "json" };
import { cli, cliWith } from "../support/cli.ts";

const names = PROGRAM.commands.map(({ name }) => name);

describe("the command line", () => {
	it("lists its commands, and exits with 2 if none is named", async () => {
		const { code, stdout, stderr } = await cli();

		expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
		for (const name of names) expect(stderr).toMatch(new RegExp(`^  ${name} `, "m"));
		expect(await cli("--help")).toEqual({ code: 0, stdout: stderr, stderr: "" });
		expect(await cli("help")).toEqual({ code: 0, stdout: stderr, stderr: "" });
	});

	it("says its version", async () => {
		expect(await cli("--version")).toEqual({ code: 0, stdout: `${packageFile.version}\n`, stderr: "" });
	});

	it.each(names.filter((name) => name !== "serve"))("explains %s in lines that fit", async (name) => {
		const help = await cli(name, "--help");

		expect(help).toMatchObject({ code: 0, stderr: "" });
		expect(help.stdout).toContain(`Usage: npx p2pmesh-signaling ${name} `);
		expect(help.stdout).toContain("--json");
		for (const line of help.stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(116);
		expect(await cli("help", name)).toEqual(help);
	});

	it("suggests a command and an option", async () => {
		expect(await cli("smoek")).toMatchObject({ code: 2, stderr: expect.stringContaining("Did you mean smoke?") });
		expect((await cli("smoke", "--orign", "x", "ws://x")).stderr).toContain("Did you mean --origin?");
		expect((await cli("frobnicate")).stderr).not.toContain("Did you mean");
	});

	it("writes its complaints as JSON with --json, wherever that stands", async () => {
		const { code, stdout, stderr } = await cli("smoke", "--json", "--orign", "x");

		expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
		expect(JSON.parse(stdout)).toEqual({
			ok: false,
			error: {
				message: "Unknown option '--orign'. Did you mean --origin?",
				hint: "npx p2pmesh-signaling smoke --help lists the options.",
			},
			exitCode: 2,
		});
	});

	it("has no colours in a file or a pipe", async () => {
		expect((await cli("--help")).stdout).not.toContain("\u001b");
		expect((await cliWith({ terminal: true, env: { NO_COLOR: "1" } }, "--help")).stdout).not.toContain("\u001b");
	});
});

describe("on a terminal", () => {
	const plain = (text: string) => stripVTControlCharacters(text).split("\n");

	it.each([60, 80])("of %i characters, help and a bill fit", async (columns) => {
		for (const args of [["--help"], ["doctor", "--help"], ["cost"]]) {
			const { stdout } = await cliWith({ terminal: true, columns }, ...args);
			// A command to paste stays in one line.
			const lines = plain(stdout).filter((line) => !line.includes("npx p2pmesh-signaling"));
			for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(columns);
		}
	});

	it("a complaint is red", async () => {
		expect((await cliWith({ terminal: true }, "smoek")).stderr).toContain("\u001b[31mUnknown command");
	});

	/** A stream that remembers what was written to it. */
	function aStream(isTTY: boolean) {
		const chunks: string[] = [];
		const stream = new Writable({
			write(chunk, _encoding, done) {
				chunks.push(String(chunk));
				done();
			},
		});
		return { stream: Object.assign(stream, { isTTY }), written: () => chunks.join("") };
	}

	it("work that takes longer than a second has a line, which goes away", () => {
		vi.useFakeTimers();
		onTestFinished(() => void vi.useRealTimers());
		const { stream, written } = aStream(true);

		const progress = createProgress(stream, "Counting");
		vi.advanceTimersByTime(999);
		expect(written()).toBe("");
		vi.advanceTimersByTime(200);
		expect(written()).toContain("Counting");
		progress.update("Reading");
		vi.advanceTimersByTime(100);
		expect(written()).toContain("Reading");
		progress.end();
		const atItsEnd = written();
		expect(atItsEnd.endsWith("\r\u001b[2K")).toBe(true);
		vi.advanceTimersByTime(5_000);
		expect(written()).toBe(atItsEnd);
	});

	it("but not in a file or a pipe", () => {
		vi.useFakeTimers();
		onTestFinished(() => void vi.useRealTimers());
		const { stream, written } = aStream(false);

		const progress = createProgress(stream, "Counting");
		vi.advanceTimersByTime(5_000);
		progress.end();
		expect(written()).toBe("");
	});
});

describe("nearestWord", () => {
	it.each([
		["smoek", "smoke"],
		["doc", "doctor"],
		["peer", "peers"],
		["smoke-test", undefined],
		["x", undefined],
	])("of %s is %s", (typed, expected) => {
		expect(nearestWord(typed, ["serve", "smoke", "doctor", "peers"])).toBe(expected);
	});
});
