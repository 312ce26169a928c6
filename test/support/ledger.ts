/** The rule about signals, in one place: each is delivered once, or its sender gets one error. */

export type Fate = "delivered" | "refused" | "lost" | "delivered and refused" | "repeated" | "refused again";

/** @returns the fate of one frame, by how often it was delivered and how often its sender got an error about it */
export function fateOf(delivered: number, refused: number): Fate {
	if (delivered > 1) return "repeated";
	if (refused > 1) return "refused again";
	if (delivered === 1) return refused === 1 ? "delivered and refused" : "delivered";
	return refused === 1 ? "refused" : "lost";
}

/** Whether a fate keeps the rule. */
export const isKept = (fate: Fate): boolean => fate === "delivered" || fate === "refused";

export interface Entry {
	/** Marks count up, in the order in which the signals were sent. */
	readonly mark: number;
	readonly from: string;
	readonly to: string;
}

export interface Ledger {
	/** Notes a signal that is sent now. @returns the mark to send with it */
	send(from: string, to: string): number;
	/** Notes that a peer got the signal with this mark. */
	arrived(mark: number, at: string): void;
	/** Notes that the signal's sender got an error about it. */
	refused(mark: number): void;
	/** Signals that were neither delivered nor refused until now. */
	open(): Entry[];
	/** The fate of one signal until now. */
	fate(mark: number): Fate;
	/** How many signals have each fate, and how many were sent. */
	sums(): Readonly<Record<Fate | "sent", number>>;
	/** Deliveries to a peer that the signal was not sent to, and notes about marks that were never sent. */
	strays(): number;
}

interface Signal {
	readonly mark: number;
	readonly from: string;
	readonly to: string;
	arrivals: number;
	refusals: number;
}

export function createLedger(): Ledger {
	/** By mark, from 1. */
	const signals: Signal[] = [];
	const open = new Map<number, Signal>();
	let strays = 0;
	return {
		send(from, to) {
			const signal = { mark: signals.length + 1, from, to, arrivals: 0, refusals: 0 };
			open.set(signal.mark, signal);
			return signals.push(signal);
		},
		arrived(mark, at) {
			const signal = signals[mark - 1];
			if (signal?.to !== at) {
				strays += 1;
				return;
			}
			signal.arrivals += 1;
			open.delete(mark);
		},
		refused(mark) {
			const signal = signals[mark - 1];
			if (signal === undefined) {
				strays += 1;
				return;
			}
			signal.refusals += 1;
			open.delete(mark);
		},
		open: () => [...open.values()],
		fate(mark) {
			const { arrivals = 0, refusals = 0 } = signals[mark - 1] ?? {};
			return fateOf(arrivals, refusals);
		},
		sums() {
			const sums = {
				sent: signals.length,
				delivered: 0,
				refused: 0,
				lost: 0,
				"delivered and refused": 0,
				repeated: 0,
				"refused again": 0,
			};
			for (const { arrivals, refusals } of signals) sums[fateOf(arrivals, refusals)] += 1;
			return sums;
		},
		strays: () => strays,
	};
}
