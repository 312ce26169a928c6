/**
 * Checks the module against a version of the AWS provider that is newer than the installed one: every resource, data
 * source, argument, nested block and attribute of the .tf files must be in that version's schema, and none may be marked
 * as deprecated in the installed one's, since the next major version removes those.
 *
 * The newer schema is read from the npm package @cdktf/provider-aws: its type declarations were generated from it. The
 * package has 37 MB, so it is no dependency: `npm pack` fetches it once into .cache/. The declarations say nothing of
 * deprecation, so that is asked of `terraform providers schema`, if scripts/test-terraform.mjs has run here.
 *
 * node scripts/check-provider-schema.mjs
 */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { NOT_RUN } from "./not-run.mjs";

/** Generated from the schema of version 6.25 of the provider. */
const PACKAGE = "@cdktf/provider-aws@21.22.1";

/** Arguments and blocks that are Terraform's own and not the provider's. */
const META = new Set(["count", "depends_on", "for_each", "lifecycle", "provider", "provisioner"]);

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * A block of HCL, with its arguments by name and its blocks in order. A `dynamic` block is given as the block it makes.
 * @typedef {{ type: string, labels: string[], args: string[], blocks: Block[] }} Block
 */

/**
 * The blocks of a .tf file. Only as much of HCL is understood as it takes to tell blocks and arguments from expressions.
 * @param {string} source
 * @returns {Block[]}
 */
export function parseBlocks(source) {
	const tokens = tokensOf(source);
	let at = 0;

	/** @returns {Pick<Block, "args" | "blocks">} */
	const body = () => {
		/** @type {string[]} */
		const args = [];
		/** @type {Block[]} */
		const blocks = [];
		while (at < tokens.length && tokens[at] !== "}") {
			const name = tokens[at++] ?? "";
			if (name === "\n") continue;
			if (tokens[at] === "=") {
				args.push(name);
				skipExpression();
				continue;
			}
			const labels = [];
			while (tokens[at] !== "{") labels.push((tokens[at++] ?? "").replaceAll('"', ""));
			at += 1;
			const inner = body();
			at += 1; // the closing brace
			const content = inner.blocks.find(({ type }) => type === "content");
			if (name === "dynamic" && content) blocks.push({ ...content, type: labels[0] ?? "", labels: [] });
			else blocks.push({ type: name, labels, ...inner });
		}
		return { args, blocks };
	};

	/** An expression ends with its line, unless a bracket is open. */
	const skipExpression = () => {
		for (let depth = 0; at < tokens.length; at += 1) {
			const token = tokens[at] ?? "";
			if ("([{".includes(token)) depth += 1;
			else if (depth === 0 && (token === "\n" || token === "}")) return;
			else if (")]}".includes(token)) depth -= 1;
		}
	};

	return body().blocks;
}

/**
 * Words, quoted texts, single signs and line ends. Comments and heredocs are left out.
 * @param {string} source
 */
function tokensOf(source) {
	const text = source.replaceAll(/<<-?(\w+)\n[\s\S]*?^\s*\1$/gm, '""');
	const token =
		/#[^\n]*|\/\/[^\n]*|"(?:\\.|\$\{(?:[^{}"]|"(?:\\.|[^"\\])*"|\{[^{}]*\})*\}|[^"\\])*"|[\w.-]+|\n|[^\s\w]/g;
	return [...text.matchAll(token)].map(([match]) => match).filter((match) => !/^(#|\/\/)/.test(match));
}

/**
 * The arguments, blocks and attributes that one resource's declarations know, by interface.
 * @param {string} declarations the text of its index.d.ts
 * @returns {{ arguments: Map<string, Map<string, string>>, main: string, attributes: Set<string> }}
 */
export function readDeclarations(declarations) {
	/** @type {Map<string, Map<string, string>>} */
	const interfaces = new Map();
	let main = "";
	for (const [, name = "", base, body = ""] of declarations.matchAll(
		/^export interface (\w+)( extends cdktf\.TerraformMetaArguments)? \{\n([\s\S]*?)^\}/gm,
	)) {
		if (base !== undefined) main = name;
		// The comment of each property names the argument as Terraform writes it.
		const properties = body.matchAll(/#(\w+) [\w.]+#\1\}(?:(?!\*\/)[\s\S])*\*\/\s*readonly \w+\??: ([\w.]*)/g);
		interfaces.set(name, new Map([...properties].map(([, argument = "", type = ""]) => [argument, type])));
	}
	const attributes = new Set([...declarations.matchAll(/^ {4}get (\w+)\(\)/gm)].map(([, name = ""]) => name));
	return { arguments: interfaces, main, attributes };
}

/** @param {string} name in snake case */
const camelCase = (name) => name.replaceAll(/_([a-z0-9])/g, (_all, letter) => letter.toUpperCase());

/**
 * The folder of the package for a type: `iam-role` for aws_iam_role, `data-aws-partition` for data.aws_partition.
 * @param {string} type
 */
const folderOf = (type) => type.replace(/^aws_/, "").replaceAll(/[._]/g, "-");

/**
 * The arguments and blocks that a block uses and the declarations lack.
 * @param {Block} block
 * @param {ReturnType<typeof readDeclarations>} known
 * @returns {string[]}
 */
export function unknownIn(block, known) {
	/** @type {(block: Block, type: string, path: string) => string[]} */
	const visit = ({ args, blocks }, type, path) => {
		const properties = known.arguments.get(type) ?? new Map();
		return [...args, ...blocks.map((inner) => inner.type)]
			.filter((name) => !META.has(name) && !properties.has(name))
			.map((name) => `${path}.${name}`)
			.concat(
				blocks
					.filter((inner) => !META.has(inner.type) && properties.has(inner.type))
					.flatMap((inner) => visit(inner, properties.get(inner.type), `${path}.${inner.type}`)),
			);
	};
	return visit(block, known.main, block.labels.join("."));
}

/**
 * The attributes of resources and data sources that expressions name: `aws_iam_role.signaling.arn`.
 * @param {string} source
 */
export function referencesIn(source) {
	const reference = /\b(data\.)?(aws_\w+)\.\w+(?:\[[^\]]*\])?\.(\w+)/g;
	return [...source.replaceAll(/#[^\n]*/g, "").matchAll(reference)].map(([text, data, type = "", attribute = ""]) => ({
		text,
		type: `${data ?? ""}${type}`,
		attribute,
	}));
}

/**
 * Fetches the package into a folder. Without a registry that has it nothing can be checked.
 * @param {string} folder
 * @returns {string} the name of the archive
 */
function pack(folder) {
	try {
		return run("npm", ["pack", PACKAGE, "--silent", `--pack-destination=${folder}`], folder).trim();
	} catch (error) {
		console.warn(`\n*** NOT CHECKED: ${error instanceof Error ? error.message : error} ***\n`);
		rmSync(folder, { recursive: true, force: true });
		process.exit(NOT_RUN);
	}
}

/** @returns {string} the folder that holds the declarations, fetched if they are not there yet */
function fetchDeclarations() {
	const cache = join(root, ".cache");
	const home = join(cache, PACKAGE.replaceAll(/[@/]+/g, "-").replace(/^-/, ""));
	if (existsSync(home)) return join(home, "package", "lib");
	mkdirSync(cache, { recursive: true });
	const building = mkdtempSync(join(cache, "provider-"));
	try {
		console.log(`Fetching ${PACKAGE} (37 MB), once ...`);
		const archive = pack(building);
		run("tar", ["-xzf", archive], building);
		rmSync(join(building, archive));
		// Of 300 MB only the declarations are read.
		const library = join(building, "package", "lib");
		for (const entry of readdirSync(library, { withFileTypes: true })) {
			if (entry.isDirectory()) rmSync(join(library, entry.name, "index.js"), { force: true });
		}
		// Another check that runs at the same time may have been first.
		if (!existsSync(home)) renameSync(building, home);
	} finally {
		rmSync(building, { recursive: true, force: true });
	}
	return join(home, "package", "lib");
}

/**
 * @param {string} program
 * @param {string[]} args
 * @param {string} cwd
 */
function run(program, args, cwd) {
	const options = { cwd, encoding: /** @type {const} */ ("utf8"), maxBuffer: 2 ** 27 };
	// npm is a .cmd file on Windows, which only a shell can start.
	const { status, stdout, stderr, error } = spawnSync(program, args, { ...options, shell: program === "npm" });
	if (error) throw error;
	if (status !== 0) throw new Error(`${program} ${args[0]} failed: ${stderr}`);
	return stdout;
}

/**
 * Everything that the installed provider marks as deprecated, such as `aws_iam_role.managed_policy_arns`.
 * @returns {Set<string> | undefined} undefined if there is no provider to ask
 */
function deprecated() {
	let schemas;
	try {
		// The folder that scripts/test-terraform.mjs initialises.
		process.env.TF_DATA_DIR ??= join(root, ".cache", "terraform");
		schemas = JSON.parse(run("terraform", ["providers", "schema", "-json"], root)).provider_schemas;
	} catch {
		return undefined;
	}
	const found = new Set();
	/** @type {(block: any, path: string) => void} */
	const visit = (block, path) => {
		if (block.deprecated) found.add(path);
		for (const [name, attribute] of Object.entries(block.attributes ?? {})) {
			if (attribute.deprecated) found.add(`${path}.${name}`);
		}
		for (const [name, inner] of Object.entries(block.block_types ?? {})) visit(inner.block, `${path}.${name}`);
	};
	for (const { resource_schemas = {}, data_source_schemas = {} } of Object.values(schemas)) {
		for (const [type, { block }] of Object.entries(resource_schemas)) visit(block, type);
		for (const [type, { block }] of Object.entries(data_source_schemas)) visit(block, `data.${type}`);
	}
	return found;
}

/**
 * Every path that a block uses, with its type in place of its labels.
 * @param {Block} block
 * @param {string} path
 * @returns {string[]}
 */
function pathsOf({ args, blocks }, path) {
	return [
		path,
		...args.map((name) => `${path}.${name}`),
		...blocks.flatMap((inner) => pathsOf(inner, `${path}.${inner.type}`)),
	];
}

/**
 * @param {Map<string, string>} sources the .tf files by name
 * @param {(folder: string) => string | undefined} declarationsOf the declarations in a folder of the package
 * @param {Set<string>} old the deprecated arguments and blocks
 * @returns {{ problems: string[], checked: number }}
 */
export function check(sources, declarationsOf, old) {
	/** @type {string[]} */
	const problems = [];
	let checked = 0;
	/** @type {Map<string, ReturnType<typeof readDeclarations>>} */
	const known = new Map();
	for (const [file, source] of sources) {
		const blocks = parseBlocks(source).filter(
			({ type, labels }) => /^(resource|data)$/.test(type) && /^aws_/.test(labels[0] ?? ""),
		);
		for (const block of blocks) {
			const type = `${block.type === "data" ? "data." : ""}${block.labels[0]}`;
			const declarations = declarationsOf(folderOf(type));
			if (declarations === undefined) {
				problems.push(`${file}: ${type} is unknown`);
				continue;
			}
			known.set(type, readDeclarations(declarations));
			const paths = pathsOf(block, type);
			checked += paths.length;
			const missing = unknownIn(block, readDeclarations(declarations));
			problems.push(...missing.map((path) => `${file}: ${path} is unknown`));
			problems.push(...paths.filter((path) => old.has(path)).map((path) => `${file}: ${path} is deprecated`));
		}
	}
	for (const [file, source] of sources) {
		for (const { text, type, attribute } of referencesIn(source)) {
			const declarations = known.get(type);
			checked += 1;
			if (declarations === undefined) continue; // an address in a text
			if (!declarations.attributes.has(camelCase(attribute))) problems.push(`${file}: ${text} is unknown`);
			if (old.has(`${type}.${attribute}`)) problems.push(`${file}: ${text} is deprecated`);
		}
	}
	return { problems, checked };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
	const files = readdirSync(root).filter((name) => name.endsWith(".tf"));
	const sources = new Map(files.map((file) => [file, readFileSync(join(root, file), "utf8")]));
	const library = fetchDeclarations();
	const old = deprecated();
	if (old === undefined)
		console.warn("*** NOT CHECKED for deprecation: run `node scripts/test-terraform.mjs` first. ***");

	const { problems, checked } = check(
		sources,
		(folder) => {
			const path = join(library, folder, "index.d.ts");
			return existsSync(path) ? readFileSync(path, "utf8") : undefined;
		},
		old ?? new Set(),
	);

	for (const problem of problems) console.error(problem);
	console.log(
		`Provider schema (${PACKAGE}): ${checked} arguments, blocks and attributes checked, ${problems.length} problems.`,
	);
	if (problems.length > 0) process.exitCode = 1;
}
