import { describe, leveledLog } from "../lambda/adapters/json-log.ts";
import type { Log } from "../lambda/core/ports.ts";
import type { LogLevel } from "../lambda/core/settings.ts";

/** A log for a person at a terminal, on standard error. */
export function textLog(level: LogLevel): Log {
	return leveledLog(level, (own, event, fields, cause) => {
		const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
		if (cause !== undefined) words.push(JSON.stringify(describe(cause)));
		process.stderr.write(`${new Date().toISOString()} ${own.padEnd(5)} ${event} ${words.join(" ")}\n`);
	});
}
