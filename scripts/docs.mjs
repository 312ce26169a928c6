/**
 * Writes the tables of variables and outputs into README.md from variables*.tf and outputs.tf. `--check` changes nothing
 * and fails where they differ.
 *
 * node scripts/docs.mjs [--check]
 */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const root = new URL("..", import.meta.url);
/** @param {string} path */
const read = (path) => readFileSync(new URL(path, root), "utf8");

/**
 * The blocks of one kind in a formatted .tf file: their names, and their attributes of one line.
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
/** @param {string} hcl a quoted string without interpolation, which JSON reads alike */
const unquoted = (hcl) => cell(JSON.parse(hcl));

function variables() {
	const files = readdirSync(root).filter((name) => /^variables.*\.tf$/.test(name));
	const rows = blocks(files.sort().map(read).join("\n"), "variable").map(
		({ name, get }) => `| \`${name}\` | ${unquoted(get("description"))} | \`${get("type")}\` | \`${get("default")}\` |`,
	);
	return ["| Name | What it is | Type | Default |", "|---|---|---|---|", ...rows].join("\n");
}

function outputs() {
	const rows = blocks(read("outputs.tf"), "output").map(
		({ name, get }) => `| \`${name}\` | ${unquoted(get("description"))} |`,
	);
	return ["| Name | What it is |", "|---|---|", ...rows].join("\n");
}

/** README.md as it should be. */
export function readme() {
	/** @type {(text: string, name: string, content: string) => string} */
	const replace = (text, name, content) =>
		text.replace(
			new RegExp(`(<!-- begin ${name} -->\n)[\\s\\S]*?(\n<!-- end ${name} -->)`),
			(_all, begin, end) => `${begin}\n${content}\n${end}`,
		);
	return replace(replace(read("README.md"), "variables", variables()), "outputs", outputs());
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	if (!process.argv.includes("--check")) {
		writeFileSync(new URL("README.md", root), readme());
	} else if (readme() !== read("README.md")) {
		console.error("README.md does not say what variables*.tf and outputs.tf say. Run: npm run docs");
		process.exitCode = 1;
	}
}
