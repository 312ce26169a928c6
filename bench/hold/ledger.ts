/** The signals of the bench, and their fates; a signal can be lost with an excuse, because connections are cut on purpose. */
import { createLedger as createSignalLedger } from "../../test/support/ledger.ts";

export interface Sums {
	readonly sent: number;
	readonly delivered: number;
	/** Answered by an error. */
	readonly refused: number;
	/**
	 * From or to a peer whose connection was cut while the signal, or the answer to it, was on its way, or before the server
	 * could know. No program that sends over a network can tell these from lost ones.
	 */
	readonly cutOff: number;
	/** Neither delivered nor answered, and without that excuse. */
	readonly lost: number;
	/** Delivered twice, delivered and refused, refused twice, or delivered to another peer. */
	readonly wrong: number;
}

export interface Ledger {
	/** @returns the mark to send with it */
	send(from: string, to: string): number;
	arrived(mark: number, at: string): void;
	refused(mark: number, to: string): void;
	/** A peer's connection was cut on purpose. */
	cut(peerId: string): void;
	/** The server shows that it knows that a connection was cut: later signals to its peer have no excuse. */
	noticed(peerId: string): void;
	sums(): Sums;
}

export function createLedger(): Ledger {
	const ledger = createSignalLedger();
	/** The last mark with an excuse, of each peer whose connection was cut; Infinity until the cut is noticed. */
	const cuts = new Map<string, number>();
	/** Marks of signals that had no fate yet when their sender's connection was cut. */
	const orphans = new Set<number>();
	let lastMark = 0;

	const self: Ledger = {
		send(from, to) {
			lastMark = ledger.send(from, to);
			return lastMark;
		},
		arrived: (mark, at) => ledger.arrived(mark, at),
		refused(mark, to) {
			self.noticed(to);
			ledger.refused(mark);
		},
		cut(peerId) {
			cuts.set(peerId, Number.POSITIVE_INFINITY);
			for (const { mark, from } of ledger.open()) if (from === peerId) orphans.add(mark);
		},
		noticed(peerId) {
			if (cuts.get(peerId) === Number.POSITIVE_INFINITY) cuts.set(peerId, lastMark);
		},
		sums() {
			const { sent, delivered, refused, lost, ...wrong } = ledger.sums();
			const cutOff = ledger.open().filter(({ mark, to }) => orphans.has(mark) || mark <= (cuts.get(to) ?? 0)).length;
			const wrongs = Object.values(wrong).reduce((sum, count) => sum + count, ledger.strays());
			return { sent, delivered, refused, cutOff, lost: lost - cutOff, wrong: wrongs };
		},
	};
	return self;
}
