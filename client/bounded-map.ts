/** A map with a limit: once it is full it forgets the oldest entry. So other peers cannot make it grow. */
export class BoundedMap<Key, Value> extends Map<Key, Value> {
	readonly #limit: number;

	constructor(limit: number) {
		super();
		this.#limit = limit;
	}

	override set(key: Key, value: Value): this {
		this.delete(key);
		super.set(key, value);
		const [oldest] = this.keys();
		if (this.size > this.#limit) this.delete(oldest as Key);
		return this;
	}
}

/** The keys that have been here, within a limit: of more it forgets the oldest. */
export class BoundedMemory<Key> {
	readonly #keys: BoundedMap<Key, true>;

	constructor(limit: number) {
		this.#keys = new BoundedMap(limit);
	}

	/** Takes note of a key. @returns whether it was new */
	isNew(key: Key): boolean {
		if (this.#keys.has(key)) return false;
		this.#keys.set(key, true);
		return true;
	}
}
