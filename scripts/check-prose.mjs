/**
 * Counts the constructions that plain English avoids, per 1,000 words, in comments (.ts, .mjs, .js, .tf, .hcl) and in
 * Markdown. Fails if a folder has more than `CEILING`, and lists its hits by file and line.
 *
 * node scripts/check-prose.mjs [file ...]   with files: lists every hit in them, and fails if they exceed the ceiling
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** Hits per 1,000 words that a folder may have: some uses are right, and no pattern can tell which. */
export const CEILING = 3;

/** Built by `npm run build:client`, with the comments of client/, and by build-page.mjs, with those of the libraries. */
const GENERATED = ["p2pmesh-client.js", "sha256.js", "qr.js"].map((name) => `examples/browser/${name}`);

/** A space, or the end of a line within a paragraph. */
const GAP = "[^\\S\\n]*(?:[^\\S\\n]|\\n[^\\S\\n]*(?=\\S))";

/**
 * @type {readonly { readonly name: string, readonly instead: string, readonly pattern: string }[]}
 */
const CONSTRUCTIONS = [
	{
		name: "where",
		instead: 'say "if" or "when"',
		pattern: `\\bwhere${GAP}(?:it|its|there|this|that|they|the|an?|one|two|both|only|no|none|nothing|nobody|somebody|what|tokens?)\\b`,
	},
	{
		name: "who",
		instead: 'name the one that acts: "the client that"',
		pattern: `(?<=^|\\n[^\\S\\n]*\\n[^\\S\\n]*|[.;:,(]${GAP})(?:whoever|whom|who)${GAP}(?!(?:is|are)\\b)\\w+`,
	},
	{
		name: "what",
		instead: "use a noun",
		pattern: `\\bwhat${GAP}(?:is|was|came|comes|arrives?|waits|follows|stands|holds|has|it|they|a)\\b`,
	},
	{
		name: "that of",
		instead: "repeat the noun",
		pattern: `\\b(?:that|those)${GAP}(?:of|who|that|whom|with)\\b`,
	},
	{
		name: "nobody",
		instead: 'say who: "no peer", "a client"',
		pattern: `\\b(?:nobody|somebody|everybody|nothing${GAP}but)\\b`,
	},
	{
		name: "old words",
		instead: "use the everyday word",
		pattern:
			`\\b(?:anew|besides|dear|dearer|dearest|ceases?|no${GAP}more|whatever|wherever|whose|thereby|meanwhile|likewise|` +
			`of${GAP}(?:its|their)${GAP}own)\\b`,
	},
];

const PATTERNS = CONSTRUCTIONS.map(({ name, instead, pattern }) => ({
	name,
	instead,
	pattern: new RegExp(pattern, "gi"),
}));

/** A word counts if it holds a letter, a digit, or stands for code. */
const WORD = /\S*[\p{L}\p{N}\uFFFC]\S*/gu;

/**
 * @typedef {{ readonly name: string, readonly instead: string, readonly line: number, readonly text: string }} Hit
 */

/**
 * @param {string} text prose, as `proseOf` gives it
 * @returns {{ words: number, hits: Hit[] }} the hits in the order of their lines, which count from 1
 */
export function countConstructions(text) {
	const hits = PATTERNS.flatMap(({ name, instead, pattern }) =>
		[...text.matchAll(pattern)].map((match) => ({
			name,
			instead,
			line: text.slice(0, match.index).split("\n").length,
			text: match[0].replace(/\s+/g, " "),
		})),
	);
	return { words: text.match(WORD)?.length ?? 0, hits: hits.sort((a, b) => a.line - b.line) };
}

/** Replaces all but line ends, so that line numbers stay. @type {(text: string, by?: string) => string} */
const blank = (text, by = " ") => text.replace(/[^\n]/g, by);

/**
 * Code and addresses in prose are no sentences. They count as one word each. A mark without a partner in its paragraph
 * begins no code.
 * @param {string} text
 */
function withoutCode(text) {
	return text
		.replace(/(`+)(?!`)(?:(?!\n\s*\n)[\s\S])*?[^`]\1(?!`)/g, (code) => blank(code, "\uFFFC"))
		.replace(/\b(?:https?|wss?):\/\/[^\s)>\]]+/g, (url) => blank(url, "\uFFFC"));
}

/** @param {string} text Markdown */
function markdownProse(text) {
	const sentences = text
		.replace(/^([^\S\n]*)(`{3,}|~{3,})[\s\S]*?(?:^[^\S\n]*\2[^\S\n]*$|$(?![\s\S]))/gm, (block) => blank(block))
		.replace(/<!--[\s\S]*?-->/g, (comment) => blank(comment));
	return withoutCode(sentences).replace(/\]\([^)\n]*\)/g, (target) => `]${blank(target.slice(1))}`);
}

/** Strings and regular expressions come first in each: a comment mark inside one is none. */
const SCRIPT_TOKENS =
	/"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\[\s\S])*`|(?<=[(,=:[!&|?{};>]\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
const TERRAFORM_TOKENS = /"(?:[^"\\\n]|\\.)*"|\/\*[\s\S]*?\*\/|(?:#|\/\/)[^\n]*/g;

/**
 * @param {string} text a program
 * @param {RegExp} tokens
 */
function comments(text, tokens) {
	let prose = "";
	let end = 0;
	for (const match of text.matchAll(tokens)) {
		const [token] = match;
		if (!/^(?:\/\/|\/\*|#)/.test(token)) continue;
		const between = text.slice(end, match.index);
		// A line comment that goes on from the line above is one paragraph with it; any other begins a paragraph.
		const goesOn = !token.startsWith("/*") && /^[^\S\n]*\n[^\S\n]*$/.test(between);
		prose += blank(between);
		if (!goesOn) prose = `${prose.replace(/[^\S\n]$/, "")}.`;
		const words = token
			.replace(/^(?:\/\*+|\/\/+|#+)|\*+\/$/g, (mark) => blank(mark))
			.replace(/^[^\S\n]*\*/gm, (mark) => blank(mark));
		prose += withoutCode(words);
		end = match.index + token.length;
	}
	return prose + blank(text.slice(end));
}

/** @type {Readonly<Record<string, (text: string) => string>>} */
const READERS = {
	".md": markdownProse,
	".ts": (text) => comments(text, SCRIPT_TOKENS),
	".mjs": (text) => comments(text, SCRIPT_TOKENS),
	".js": (text) => comments(text, SCRIPT_TOKENS),
	".tf": (text) => comments(text, TERRAFORM_TOKENS),
	".hcl": (text) => comments(text, TERRAFORM_TOKENS),
};

/**
 * @param {string} path its ending says which language it is
 * @param {string} text the file
 * @returns {string} its sentences on the lines that they have in the file, the rest blank
 */
export function proseOf(path, text) {
	return READERS[extname(path)]?.(text) ?? "";
}

/**
 * @param {string} path
 * @returns {string} the unit that the ceiling holds for: a top-level folder, a root .md file, or all root files of a kind
 */
export function unitOf(path) {
	const [first = path, ...rest] = path.split("/");
	if (rest.length > 0) return first;
	return extname(path) === ".md" ? path : `*${extname(path)}`;
}

/** @param {number} hits @param {number} words */
const perThousand = (hits, words) => (words === 0 ? 0 : (1000 * hits) / words);

/** @param {{ words: number, hits: readonly unknown[] }} counted */
const figures = ({ words, hits }) =>
	`${perThousand(hits.length, words).toFixed(1)} per 1,000 (${hits.length} in ${words} words)`;

/** @typedef {{ path: string, words: number, hits: Hit[] }} Counted */

/**
 * @param {readonly string[]} paths
 * @param {(path: string) => string} unit
 * @returns {{ name: string, words: number, hits: Hit[], files: Counted[] }[]}
 */
function countFiles(paths, unit) {
	/** @type {Map<string, Counted[]>} */
	const units = new Map();
	for (const path of paths) {
		const counted = { path, ...countConstructions(proseOf(path, readFileSync(path, "utf8"))) };
		units.set(unit(path), [...(units.get(unit(path)) ?? []), counted]);
	}
	return [...units].sort().map(([name, files]) => ({
		name,
		words: files.reduce((sum, { words }) => sum + words, 0),
		hits: files.flatMap(({ hits }) => hits),
		files,
	}));
}

/** @param {readonly Counted[]} files */
function printHits(files) {
	for (const { path, words, hits } of files.filter((file) => file.hits.length > 0)) {
		console.log(`  ${path}: ${figures({ words, hits })}`);
		for (const { line, text, name, instead } of hits) {
			console.log(`    ${path}:${line}: "${text}" (${name}: ${instead})`);
		}
	}
}

/** @param {readonly string[]} chosen files; none for all that git tracks */
function main(chosen) {
	const root = fileURLToPath(new URL("..", import.meta.url));
	if (chosen.length === 0) process.chdir(root);
	const tracked = () => execFileSync("git", ["ls-files", "-z"], { encoding: "utf8" }).split("\0");
	const paths = (chosen.length > 0 ? chosen : tracked()).filter(
		(path) => extname(path) in READERS && !GENERATED.includes(path),
	);
	if (paths.length === 0) throw new Error("No file with prose was found.");
	const units = countFiles(paths, chosen.length > 0 ? (path) => path : unitOf);
	for (const unit of units) {
		const above = perThousand(unit.hits.length, unit.words) > CEILING;
		console.log(`${above ? "ABOVE " : "ok    "}${unit.name}: ${figures(unit)}`);
		if (above || chosen.length > 0) printHits(unit.files);
		if (above) process.exitCode = 1;
	}
	if (process.exitCode === 1) console.error(`\nThe ceiling is ${CEILING} per 1,000 words. Say it in plain English.`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) main(process.argv.slice(2));
