/**
 * Makes one file of the declarations that tsc wrote for a tree of modules, with only those that the entry's exports need.
 * It knows the forms that the client uses: declarations, `import type { … }` and `export … from` of other modules. A name stands
 * for one declaration in all modules. Anything else is an error, so that nothing is lost in silence.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseSync, Visitor } from "rolldown/utils";

/**
 * @typedef {{ readonly text: string, readonly names: ReadonlySet<string> }} Declaration with the names that stand in it
 * @typedef {{ readonly declared: Map<string, Declaration>, readonly imported: Map<string, string>, readonly exported: Set<string> }} Module
 */

/** @param {string} entry a .d.ts file @returns the declarations of what it exports, in one text */
export function rollUpTypes(entry) {
	/** @type {Map<string, Module>} */
	const modules = new Map();
	/** @param {string} path */
	const load = (path) => {
		const module = modules.get(path) ?? readModule(path);
		modules.set(path, module);
		return module;
	};

	/** @type {Map<string, { readonly path: string, readonly text: string }>} */
	const used = new Map();
	/** @type {(path: string, name: string) => void} */
	const use = (path, name) => {
		const { declared, imported } = load(path);
		const source = imported.get(name);
		if (source !== undefined) return use(source, name);
		const declaration = declared.get(name);
		if (declaration === undefined) return; // a name of the language, or of a property
		const other = used.get(name);
		if (other?.path === path) return;
		if (other !== undefined) throw new Error(`${name} is declared in ${other.path} and in ${path}.`);
		used.set(name, { path, text: declaration.text });
		for (const inner of declaration.names) use(path, inner);
	};

	const { exported } = load(entry);
	for (const name of exported) use(entry, name);
	const missing = [...exported].filter((name) => !used.has(name));
	if (missing.length > 0) throw new Error(`No declaration of ${missing.join(", ")} was found.`);
	const texts = [...used.values()].map(({ text }) => text);
	return `${texts.join("\n\n")}\n\nexport { ${[...exported].sort().join(", ")} };\n`;
}

/** @param {string} path @returns {Module} */
function readModule(path) {
	const code = readFileSync(path, "utf8");
	const { program, comments, errors } = parseSync(path, code, { lang: "dts" });
	if (errors.length > 0) throw new Error(`${path} cannot be read: ${errors[0]?.message}`);
	if (/\bimport\("/.test(code)) throw new Error(`${path} has an unknown form: import("…").`);
	/** @type {Module} */
	const module = { declared: new Map(), imported: new Map(), exported: new Set() };

	/** @param {{ readonly value: string }} source */
	const target = ({ value }) => resolve(dirname(path), value.replace(/\.ts$/, ".d.ts"));
	/** @param {readonly { readonly from: any, readonly to: any }[]} pairs */
	const sameNames = (pairs) =>
		pairs.map(({ from, to }) => {
			if (from.name !== to.name) throw new Error(`${path} gives ${from.name} another name.`);
			return String(to.name);
		});

	for (const statement of program.body) {
		if (statement.type === "ImportDeclaration") {
			const pairs = statement.specifiers.map((one) => ({ from: "imported" in one && one.imported, to: one.local }));
			for (const name of sameNames(pairs)) module.imported.set(name, target(statement.source));
		} else if (statement.type === "ExportNamedDeclaration" && statement.declaration === null) {
			const pairs = statement.specifiers.map((one) => ({ from: one.local, to: one.exported }));
			for (const name of sameNames(pairs)) {
				module.exported.add(name);
				if (statement.source !== null) module.imported.set(name, target(statement.source));
			}
		} else {
			const isExported = statement.type === "ExportNamedDeclaration";
			const declaration = (isExported && statement.declaration) || statement;
			const name = nameOf(declaration);
			if (name === undefined) throw new Error(`${path} has an unknown form: ${statement.type}.`);
			if (isExported) module.exported.add(name);
			const text = code.slice(declaration.start, statement.end);
			const before = module.declared.get(name); // overloads of one function
			module.declared.set(name, {
				text: [before?.text, docBefore(code, comments, statement.start) + text].filter(Boolean).join("\n"),
				names: new Set([...(before?.names ?? []), ...namesIn(statement, program)]),
			});
		}
	}
	return module;
}

/** @param {any} declaration */
function nameOf(declaration) {
	if (declaration.type === "VariableDeclaration") {
		return declaration.declarations.length === 1 ? declaration.declarations[0].id.name : undefined;
	}
	return declaration.id?.name;
}

/** The doc comment that stands directly before. @type {(code: string, comments: readonly any[], start: number) => string} */
function docBefore(code, comments, start) {
	const comment = comments.find(({ end }) => end <= start && code.slice(end, start).trim() === "");
	return comment?.type === "Block" && comment.value.startsWith("*") ? `/*${comment.value}*/\n` : "";
}

/** @param {{ readonly start: number, readonly end: number }} part @param {any} program */
function namesIn({ start, end }, program) {
	/** @type {Set<string>} */
	const names = new Set();
	const add = (/** @type {{ name: string, start: number }} */ { name, start: at }) => {
		if (at >= start && at < end) names.add(name);
	};
	new Visitor({ Identifier: add }).visit(program);
	return names;
}
