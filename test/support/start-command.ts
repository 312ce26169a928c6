import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const start = fileURLToPath(new URL("../../scripts/start.mjs", import.meta.url));

/** The program of `npm start -- …`, as another process. */
export function startCommand(...args: string[]) {
	const child = spawn(process.execPath, [start, ...args]);
	let output = "";
	let wake = () => {};
	for (const stream of [child.stdout, child.stderr]) {
		stream.on("data", (chunk) => {
			output += chunk;
			wake();
		});
	}
	const exited = new Promise<number | null>((resolve) => child.once("close", resolve));
	/** The first match in its output, once there is one. */
	const prints = (pattern: RegExp) =>
		new Promise<RegExpExecArray>((resolve, reject) => {
			wake = () => {
				const match = pattern.exec(output);
				if (match) resolve(match);
			};
			void exited.then(() => reject(new Error(`It ended before it printed ${pattern}: ${output}`)));
			wake();
		});
	return {
		child,
		exited,
		prints,
		output: () => output,
		/** The URL to connect to, once it listens. */
		url: async () => (await prints(/npx wscat -c (ws:\S+)/))[1] as string,
		kill: () => void child.kill("SIGKILL"),
	};
}
