/** First in, first out. Taking an entry costs the same however many wait: `Array.shift` moves all that follow. */
export interface Queue<Entry> {
	readonly first: Entry | undefined;
	push(entry: Entry): void;
	/** Takes the first entry away. */
	shift(): void;
}

/** An entry holds the one after it, and may be in one queue only. */
export interface Queued<Entry> {
	next?: Entry | undefined;
}

export function createQueue<Entry extends Queued<Entry>>(): Queue<Entry> {
	let last: Entry | undefined;

	const queue = {
		first: undefined as Entry | undefined,
		push(entry: Entry) {
			if (last === undefined) queue.first = entry;
			else last.next = entry;
			last = entry;
		},
		shift() {
			queue.first = queue.first?.next;
			if (queue.first === undefined) last = undefined;
		},
	};
	return queue;
}
