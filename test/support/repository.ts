import { existsSync } from "node:fs";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { run } from "./command.ts";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Copies the files of a fresh clone to a folder, with the changes that are not committed yet: nothing built, nothing installed. */
export async function copyRepository(to: string): Promise<void> {
	const list = ["ls-files", "-z", "--cached", "--others", "--exclude-standard"];
	const { stdout } = await run("git", list, { cwd: ROOT, timeoutMs: 60_000 });
	for (const file of new Set(stdout.split("\0"))) {
		// The index also names files that were deleted and not yet committed.
		if (file === "" || !existsSync(join(ROOT, file))) continue;
		await mkdir(dirname(join(to, file)), { recursive: true });
		await copyFile(join(ROOT, file), join(to, file));
	}
}
