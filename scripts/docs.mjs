/**
 * Writes the tables of variables and outputs into README.md from variables*.tf and outputs.tf, the table of settings into
 * docs/settings.md from lambda/core/settings.ts, the metrics and the limits into docs/operations.md from lambda/core/metrics.ts and
 * bench/scaling/, the help texts of the commands into docs/cli.md, and the policy of who deploys into docs/deployer-policy.json
 * from the resources of the .tf files. `--check` changes nothing and fails if they differ.
 *
 * node --import tsx scripts/docs.mjs [--check]
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { boundsOf, DEFAULT_LOAD } from "../bench/scaling/bounds.ts";
import { commandHelp } from "../cli/command-line/usage.ts";
import { PROGRAM } from "../cli/program.ts";
import { METRICS } from "../lambda/core/metrics.ts";
import { SETTINGS } from "../lambda/core/settings.ts";
import { deployerPolicy } from "./deployer-policy.mjs";

const root = new URL("..", import.meta.url);
/** @param {string} path */
const read = (path) => readFileSync(new URL(path, root), "utf8");

/**
 * The blocks of one kind in a formatted .tf file: their names, and their attributes that take one line.
 * @param {string} source
 * @param {"variable" | "output"} kind
 */
function blocks(source, kind) {
	return [...source.matchAll(new RegExp(`^${kind} "(\\w+)" \\{\\n([\\s\\S]*?)\\n\\}`, "gm"))].map(
		([, name = "", body = ""]) => ({
			name,
			/** @param {string} attribute */
			get: (attribute) => new RegExp(`^ {2}${attribute}\\s+= (.*)$`, "m").exec(body)?.[1] ?? "",
		}),
	);
}

/** @param {string} text */
const cell = (text) => text.replaceAll("|", "\\|");
/** @param {string} hcl a quoted string without interpolation, which is also a JSON string */
const unquoted = (hcl) => cell(JSON.parse(hcl));

/**
 * The parts of a .tf file under its banners, and their titles.
 * @param {string} source
 */
const sections = (source) =>
	source
		.split(/^#{80}\n# /m)
		.slice(1)
		.map((section) => {
			const [title = "", , ...rest] = section.split("\n");
			return { title, source: rest.join("\n") };
		});

/** A folded part for each file, and in it a table for each banner. */
function variables() {
	const files = readdirSync(root).filter((name) => /^variables.*\.tf$/.test(name));
	return files
		.sort()
		.map((file) => {
			const parts = sections(read(file)).map(({ title, source }) => ({ title, found: blocks(source, "variable") }));
			const count = parts.reduce((sum, { found }) => sum + found.length, 0);
			const tables = parts.map(({ title, found }) =>
				[
					`**${title}**\n`,
					"| Name | Meaning | Type | Default |",
					"|---|---|---|---|",
					...found.map(
						({ name, get }) =>
							`| \`${name}\` | ${unquoted(get("description"))} | \`${get("type")}\` | \`${get("default")}\` |`,
					),
				].join("\n"),
			);
			const themes = parts.map(({ title }) => title).join(", ");
			return `<details>\n<summary><code>${file}</code>: ${themes} (${count})</summary>\n\n${tables.join("\n\n")}\n\n</details>`;
		})
		.join("\n\n");
}

/** How much of each limit peers use, and the number of peers that reaches it. */
function scaling() {
	const sizes = [1_000, 10_000, 100_000, 1_000_000];
	const most = boundsOf({ ...DEFAULT_LOAD, peers: 1_000_000 });
	const at = sizes.map((peers) => new Map(boundsOf({ ...DEFAULT_LOAD, peers }).map((bound) => [bound.limit, bound])));
	const format = (/** @type {number} */ value) => value.toLocaleString("en-US", { maximumFractionDigits: 0 });
	const share = (/** @type {number} */ used, /** @type {number} */ limit) => {
		const percent = `${format((100 * used) / limit)} %`;
		return used > limit ? `**${percent}**` : percent;
	};
	return [
		`| Limit, and what it is by default | ${sizes.map(format).join(" | ")} | Reached at | What lifts it |`,
		`|---|${"--:|".repeat(sizes.length + 1)}---|`,
		...most.map(({ limit, name, most: value, reachedAt, lift }) =>
			[
				`| ${name}: ${format(value)}`,
				...at.map((bounds) => share(bounds.get(limit)?.used ?? 0, value)),
				`${format(reachedAt)} peers`,
				`${lift} |`,
			].join(" | "),
		),
	].join("\n");
}

function deployer() {
	const files = readdirSync(root).filter((name) => name.endsWith(".tf"));
	return `${JSON.stringify(deployerPolicy(files.map(read).join("\n")), null, 2)}\n`;
}

function outputs() {
	const rows = blocks(read("outputs.tf"), "output").map(
		({ name, get }) => `| \`${name}\` | ${unquoted(get("description"))} |`,
	);
	return ["| Name | Meaning |", "|---|---|", ...rows].join("\n");
}

/** @param {import("../lambda/core/settings.ts").Setting} setting */
function rangeOf(setting) {
	if (setting.kind === "whole") return `${setting.least} to ${setting.most} ${setting.unit}`;
	if (setting.kind === "choice") return setting.choices.map((choice) => `\`${choice}\``).join(", ");
	return { flag: "yes or no", list: "a list", text: "a text" }[setting.kind];
}

/** @param {import("../lambda/core/settings.ts").Setting} setting */
function defaultOf(setting) {
	if (setting.kind === "flag") return setting.default ? "yes" : "no";
	const text = setting.kind === "list" ? setting.default.join(",") : String(setting.default);
	return text === "" ? "" : `\`${text}\``;
}

function settings() {
	/** @param {string | undefined} name */
	const code = (name) => (name === undefined ? "" : `\`${name}\``);
	const rows = Object.values(SETTINGS).map((setting) =>
		[
			cell(setting.sentence),
			code("variable" in setting ? setting.variable : undefined),
			code("env" in setting ? setting.env : undefined),
			code("option" in setting ? `--${setting.option}` : undefined),
			rangeOf(setting),
			defaultOf(setting),
		].join(" | "),
	);
	return [
		"| Setting | Terraform variable | Environment | Option of `npm start` | Range | Default |",
		"|---|---|---|---|---|---|",
		...rows.map((row) => `| ${row} |`),
	].join("\n");
}

function metrics() {
	const rows = Object.entries(METRICS).map(([name, { unit, sentence }]) => `| \`${name}\` | ${unit} | ${sentence} |`);
	return ["| Metric | Unit | Meaning |", "|---|---|---|", ...rows].join("\n");
}

function commands() {
	return PROGRAM.commands
		.map((command) => {
			const text =
				"forward" in command
					? `${command.summary} Its options are [the settings](settings.md); \`${PROGRAM.name} ${command.name} --help\` lists them.`
					: `\`\`\`\n${commandHelp(PROGRAM.name, command)}\n\`\`\``;
			return `### ${command.name}\n\n${text}`;
		})
		.join("\n\n");
}

/** @type {(text: string, name: string, content: string) => string} */
const replace = (text, name, content) =>
	text.replace(
		new RegExp(`(<!-- begin ${name} -->\n)[\\s\\S]*?(<!-- end ${name} -->)`),
		(_all, begin, end) => `${begin}\n${content}\n\n${end}`,
	);

/** @type {Record<string, () => string>} the files with generated tables, as they should be */
const DOCUMENTS = {
	"README.md": () => replace(replace(read("README.md"), "variables", variables()), "outputs", outputs()),
	"docs/cli.md": () => replace(read("docs/cli.md"), "commands", commands()),
	"docs/deployer-policy.json": deployer,
	"docs/operations.md": () => replace(replace(read("docs/operations.md"), "metrics", metrics()), "scaling", scaling()),
	"docs/settings.md": () => replace(read("docs/settings.md"), "settings", settings()),
};

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	for (const [file, content] of Object.entries(DOCUMENTS)) {
		if (!process.argv.includes("--check")) {
			writeFileSync(new URL(file, root), content());
		} else if (content() !== read(file)) {
			console.error(`${file} differs from the files that it is made of. Run: npm run docs`);
			process.exitCode = 1;
		}
	}
}
