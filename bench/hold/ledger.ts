/** Every signal that was sent, and its fate. */

export interface Sums {
	readonly sent: number;
	readonly delivered: number;
	/** Answered by an error. */
	readonly refused: number;
	/**
	 * From or to a peer that lost its connection while the signal, or the answer to it, was on its way, or before the server
	 * could know. No program that sends over a network can tell such a signal's fate.
	 */
	readonly cutOff: number;
	/** Neither delivered nor answered, and without that excuse. */
	readonly lost: number;
	/** Delivered twice, delivered and refused, or delivered to another peer. */
	readonly wrong: number;
}

interface Entry {
	readonly from: string;
	readonly to: string;
	readonly sentAt: number;
	/** Its sender's connection was cut before it was delivered or answered. */
	orphaned: boolean;
}

export interface Ledger {
	/** @returns the mark to send with it */
	send(from: string, to: string): number;
	arrived(mark: number, at: string): void;
	refused(mark: number, to: string): void;
	/** A peer's connection was cut on purpose. */
	cut(peerId: string): void;
	/** The server shows that it knows of a cut connection: later signals to its peer have no excuse. */
	noticed(peerId: string): void;
	sums(): Sums;
}

export function createLedger(): Ledger {
	const open = new Map<number, Entry>();
	/** When it was noticed that a peer's connection had been cut; Infinity until then. */
	const cuts = new Map<string, number>();
	let marks = 0;
	let delivered = 0;
	let refused = 0;
	let wrong = 0;

	const excused = ({ to, sentAt, orphaned }: Entry) => orphaned || sentAt <= (cuts.get(to) ?? 0);

	return {
		send(from, to) {
			marks += 1;
			open.set(marks, { from, to, sentAt: performance.now(), orphaned: false });
			return marks;
		},
		arrived(mark, at) {
			if (open.get(mark)?.to !== at) wrong += 1;
			else delivered += 1;
			open.delete(mark);
		},
		refused(mark, to) {
			this.noticed(to);
			if (open.delete(mark)) refused += 1;
			else wrong += 1;
		},
		cut(peerId) {
			cuts.set(peerId, Number.POSITIVE_INFINITY);
			for (const entry of open.values()) if (entry.from === peerId) entry.orphaned = true;
		},
		noticed(peerId) {
			if (cuts.get(peerId) === Number.POSITIVE_INFINITY) cuts.set(peerId, performance.now());
		},
		sums() {
			const left = [...open.values()];
			const cutOff = left.filter(excused).length;
			return { sent: marks, delivered, refused, cutOff, lost: left.length - cutOff, wrong };
		},
	};
}
