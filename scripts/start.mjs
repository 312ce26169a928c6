/**
 * `npm start`: the local server from one file, without a loader of TypeScript in the process. The file is built if the sources
 * have changed.
 */
import { start } from "./bundled.mjs";

await start("local/main.ts");
