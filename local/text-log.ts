import { describe } from "../lambda/adapters/json-log.ts";
import { LOG_LEVELS, type LogLevel } from "../lambda/config.ts";
import type { Log, LogFields } from "../lambda/core/ports.ts";

/** A log for a person at a terminal, on standard error. */
export function textLog(level: LogLevel): Log {
	const at = (own: LogLevel) => {
		if (LOG_LEVELS.indexOf(own) < LOG_LEVELS.indexOf(level)) return () => {};
		return (event: string, fields: LogFields = {}, cause?: unknown) => {
			const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`);
			if (cause !== undefined) words.push(JSON.stringify(describe(cause)));
			process.stderr.write(`${new Date().toISOString()} ${own.padEnd(5)} ${event} ${words.join(" ")}\n`);
		};
	};
	return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
