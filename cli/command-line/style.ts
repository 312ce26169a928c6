import { styleText } from "node:util";
import type { Environment, Output } from "./console.ts";

const NAMES = ["bold", "dim", "red", "green", "yellow"] as const;

export type Style = Readonly<Record<(typeof NAMES)[number], (text: string) => string>>;

/** Colours for a terminal that has them. Anything else gets the text as it is. */
export function createStyle(stream: Output, env: Environment): Style {
	// Asked of this stream and this environment; by itself `styleText` looks at the process's.
	const coloured = stream.isTTY === true && stream.hasColors?.(env) === true;
	return Object.fromEntries(
		NAMES.map((name) => [name, (text: string) => (coloured ? styleText(name, text, { validateStream: false }) : text)]),
	) as Style;
}
