/** `p2pmesh-signaling`: the operator's command line. */
import { run } from "./command-line/run.ts";
import { PROGRAM } from "./program.ts";

// The reader of a pipe may go away, as `head` does. There is nothing left to write for then.
for (const stream of [process.stdout, process.stderr]) {
	stream.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "EPIPE") throw error;
		process.exit();
	});
}

// `doctor` says which versions of Node.js are supported. The SDK says it in eight lines, before every answer.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= "true";

const exitCode = await run(PROGRAM, process.argv.slice(2), {
	stdin: process.stdin,
	stdout: process.stdout,
	stderr: process.stderr,
	env: process.env,
	folder: process.cwd(),
});
if (exitCode !== undefined) process.exitCode = exitCode;
