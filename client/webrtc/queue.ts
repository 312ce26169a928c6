/** First in, first out. Taking an entry costs the same however many wait: `Array.shift` moves all that follow. */
export interface Queue<Entry> {
	readonly first: Entry | undefined;
	push(entry: Entry): void;
	/** Takes the first entry away. */
	shift(): void;
	/** Takes all away. */
	clear(): Entry[];
}

/** Entries that were taken are cut off once they are so many, and at least half of the array. */
const CUT = 1_024;

export function createQueue<Entry>(): Queue<Entry> {
	let entries: (Entry | undefined)[] = [];
	let head = 0;

	return {
		get first() {
			return entries[head];
		},
		push: (entry) => void entries.push(entry),
		shift() {
			if (head === entries.length) return;
			entries[head++] = undefined; // so that it can be collected
			if (head === entries.length) entries.length = head = 0;
			else if (head >= CUT && head * 2 >= entries.length) {
				entries = entries.slice(head);
				head = 0;
			}
		},
		clear() {
			const rest = entries.slice(head) as Entry[];
			entries = [];
			head = 0;
			return rest;
		},
	};
}
