/** Puts measurements into the documentation: as tables between markers, so that a command can rewrite them in place. */
import { readFileSync, writeFileSync } from "node:fs";

/** A Markdown table; every column but the first is aligned to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
	const line = (cells: readonly string[]) =>
		`| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(" | ")} |`;
	const rule = `|${widths.map((width, i) => (i === 0 ? `:${"-".repeat(width + 1)}` : `${"-".repeat(width + 1)}:`)).join("|")}|`;
	return [line(head), rule, ...rows.map(line)].join("\n");
}

/**
 * Replaces the text between `<!-- begin NAME -->` and `<!-- end NAME -->`.
 * @throws if the file has no such markers
 */
export function replaceBetweenMarkers(path: string, name: string, content: string): void {
	const url = new URL(`../${path}`, import.meta.url);
	const text = readFileSync(url, "utf8");
	const pattern = new RegExp(`(<!-- begin ${name} -->\n)[\\s\\S]*?(\n<!-- end ${name} -->)`);
	if (!pattern.test(text)) throw new Error(`${path} has no markers for ${name}.`);
	writeFileSync(
		url,
		text.replace(pattern, (_all, begin, end) => `${begin}\n${content}\n${end}`),
	);
}
