import { execFile } from "node:child_process";

export interface ProgramResult {
	/** -1: it could not be started. */
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

const TIMEOUT_MS = 60_000;

/** Runs a program to its end. */
export function runProgram(
	program: string,
	args: readonly string[],
	{ cwd, env }: { cwd?: string; env: Readonly<Record<string, string | undefined>> },
): Promise<ProgramResult> {
	return new Promise((resolve) => {
		const options = { env, timeout: TIMEOUT_MS, maxBuffer: 16 * 1024 * 1024, ...(cwd !== undefined && { cwd }) };
		execFile(program, args, options, (error, stdout, stderr) => {
			const { code } = (error ?? {}) as { code?: unknown };
			if (error === null) resolve({ code: 0, stdout, stderr });
			else if (typeof code === "number") resolve({ code, stdout, stderr });
			else resolve({ code: -1, stdout, stderr: code === "ENOENT" ? `${program} is not installed` : error.message });
		});
	});
}
