/**
 * A log for lines that clients cause. It writes a few of each kind in a minute: otherwise a flood would order lines at the
 * operator's cost. The counts (metrics.ts) tell how many there were.
 */
import { LINES_OF_KIND, LINES_WINDOW_MS } from "./limits.ts";
import type { Clock, Log, LogFields } from "./ports.ts";

/** @param kind one of few: it must come from the code and not from a client */
export type SparingLog = (event: string, kind: string, fields: LogFields) => void;

export function sparingLog({ log, clock }: { log: Log; clock: Clock }): SparingLog {
	/** event and kind -> the lines of its minute */
	const windows = new Map<string, { readonly since: number; lines: number }>();

	return (event, kind, fields) => {
		const key = `${event} ${kind}`;
		const now = clock.now();
		let window = windows.get(key);
		const age = window === undefined ? LINES_WINDOW_MS : now - window.since;
		// A negative age comes from a clock that was set back.
		if (window === undefined || age < 0 || age >= LINES_WINDOW_MS) {
			window = { since: now, lines: 0 };
			windows.set(key, window);
		}
		window.lines += 1;
		log[window.lines <= LINES_OF_KIND ? "info" : "debug"](event, fields);
	};
}
