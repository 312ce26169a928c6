/** The files of the page to try the server: examples/browser, which any other web server serves as well. */
import { readFile } from "node:fs/promises";

const FOLDER = new URL("../examples/browser/", import.meta.url);

const TYPES: ReadonlyMap<string, string> = new Map([
	["html", "text/html; charset=utf-8"],
	["css", "text/css; charset=utf-8"],
	["js", "text/javascript; charset=utf-8"],
]);

export interface PageFile {
	readonly type: string;
	readonly content: Buffer;
}

/**
 * @param pathname of a request, as it came: nothing in it is decoded
 * @returns undefined if there is no such file
 */
export async function readPageFile(pathname: string): Promise<PageFile | undefined> {
	// One name of letters, digits and dashes, and one ending: no path can be made of that.
	const [, name = "", ending = ""] =
		/^\/([a-z0-9-]+)\.([a-z]+)$/.exec(pathname === "/" ? "/index.html" : pathname) ?? [];
	const type = TYPES.get(ending);
	if (type === undefined) return undefined;
	try {
		return { type, content: await readFile(new URL(`${name}.${ending}`, FOLDER)) };
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
		throw error;
	}
}
