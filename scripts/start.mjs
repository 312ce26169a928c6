/**
 * `npm start`: the local server from one file, without a loader of TypeScript in the process. The file is built if the sources
 * have changed.
 */
import { pathToFileURL } from "node:url";
import { bundled, readableStacks } from "./bundled.mjs";

/** @returns {string | undefined} */
function file() {
	try {
		return bundled("local/main.ts");
	} catch (error) {
		console.error(/** @type {Error} */ (error).message);
		return undefined;
	}
}

const program = file();
if (program === undefined) process.exitCode = 1;
else {
	readableStacks(program);
	await import(pathToFileURL(program).href);
}
