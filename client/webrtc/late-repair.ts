/** Loads what mends a broken path when a link first opens: before that there is nothing to mend. */
import type { Repair, RepairDuties } from "./repair.ts";

export interface LateRepair {
	/** Undefined until it has loaded. */
	readonly part: Repair | undefined;
	/** The link is open. Resolves when it has loaded, or could not. */
	load(): Promise<void>;
	/** The connection's state changed. */
	watch(): void;
	close(): void;
}

export function lateRepair(duties: RepairDuties): LateRepair {
	let part: Repair | undefined;
	let closed = false;
	const { connection } = duties;

	return {
		get part() {
			return part;
		},
		load() {
			return import("./repair.ts").then(
				({ createRepair }) => {
					if (closed) return;
					part = createRepair(duties);
					part.watch();
				},
				() => {}, // a link works without it, as long as its path does
			);
		},
		watch() {
			if (part !== undefined) part.watch();
			else if (/failed|closed/.test(connection.connectionState)) duties.giveUp();
		},
		close() {
			closed = true;
			part?.close();
		},
	};
}
