/** First in, first out. Taking an entry costs the same however many wait: `Array.shift` moves all that follow. */
export interface Queue<Entry> {
	readonly first: Entry | undefined;
	push(entry: Entry): void;
	/** Takes the first entry away. */
	shift(): void;
}

interface Node<Entry> {
	readonly entry: Entry;
	next?: Node<Entry>;
}

export function createQueue<Entry>(): Queue<Entry> {
	let head: Node<Entry> | undefined;
	let tail: Node<Entry> | undefined;

	return {
		get first() {
			return head?.entry;
		},
		push(entry) {
			const node = { entry };
			if (tail === undefined) head = node;
			else tail.next = node;
			tail = node;
		},
		shift() {
			head = head?.next;
			if (head === undefined) tail = undefined;
		},
	};
}
