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
