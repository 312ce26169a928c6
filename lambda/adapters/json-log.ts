import type { Log, LogFields } from "../core/ports.ts";
import { EDGE_SETTINGS, type LogLevel } from "../core/settings.ts";

type Write = (line: string) => void;

/**
 * A log of JSON lines, the form that Lambda passes on as it is.
 * @param level the least level that is written
 */
export function jsonLog(level: LogLevel, write: Write = (line) => process.stdout.write(`${line}\n`)): Log {
	return leveledLog(level, (own, event, fields, cause) => {
		const entry = { level: own.toUpperCase(), timestamp: new Date().toISOString(), event, ...fields };
		write(JSON.stringify(cause === undefined ? entry : { ...entry, error: describe(cause) }));
	});
}

type WriteEntry = (level: LogLevel, event: string, fields: LogFields, cause: unknown) => void;

/** A log that drops the lines below its level and hands the others to `write`. */
export function leveledLog(level: LogLevel, write: WriteEntry): Log {
	const at = (own: LogLevel) => {
		const levels = EDGE_SETTINGS.logLevel.choices;
		if (levels.indexOf(own) < levels.indexOf(level)) return () => {};
		return (event: string, fields: LogFields = {}, cause?: unknown) => write(own, event, fields, cause);
	};
	return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

interface ErrorDescription {
	readonly name: string;
	readonly message: string;
	readonly status?: number;
	readonly stack?: string;
	readonly cause?: ErrorDescription;
}

/** An error as far as it helps: with its cause, with the HTTP status of an AWS one, with the stack of our own. */
export function describe(error: unknown): ErrorDescription {
	if (!(error instanceof Error)) return { name: typeof error, message: String(error) };
	const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
	return {
		name: error.name,
		message: error.message,
		...(status !== undefined && { status }),
		...(error.cause === undefined && status === undefined && error.stack !== undefined && { stack: error.stack }),
		...(error.cause !== undefined && { cause: describe(error.cause) }),
	};
}
