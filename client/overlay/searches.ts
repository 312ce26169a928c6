/**
 * Peers are found by questions that go to ever nearer peers, two links at a time, since each knows the neighbours of its neighbours.
 * The one that knows no nearer peer answers. The answer goes back the same way, and lays ways to the peers that it names.
 */
import { BoundedMap } from "../bounded-map.ts";
import type { Environment } from "../environment.ts";
import { ASKED_NEIGHBOURS, FIND_MS, MAX_FOUND, MAX_HOPS, MAX_PASSED, MAX_QUESTIONS } from "../limits.ts";
import { distanceFrom } from "./nearness.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Find, Found, Word } from "./words.ts";

export interface SearchesOptions {
	readonly environment: Pick<Environment, "timers" | "randomHex">;
	readonly selfId: string;
	readonly surroundings: Surroundings;
	send(neighbour: string, word: Word): void;
}

export class Searches {
	readonly #options: SearchesOptions;
	/** Questions of this peer: the neighbour that was asked, and the use of the answer. */
	readonly #own = new Map<string, { readonly asked: string; settle(peers: readonly string[]): void }>();
	/** By origin and number: the neighbour that brought a question, and the neighbour that got it. */
	readonly #passed = new BoundedMap<string, { readonly back: string; readonly to: string | undefined }>(MAX_PASSED);

	constructor(options: SearchesOptions) {
		this.#options = options;
	}

	/**
	 * The peers nearest to a key that the neighbours find, with a way to each.
	 * @param avoid a neighbour that is not asked
	 */
	async find(key: string, avoid?: string): Promise<readonly string[]> {
		const { surroundings, selfId } = this.#options;
		const places = surroundings.nearest(key, []);
		const asked = [...new Set(places.map(({ via }) => via))].filter((via) => via !== avoid && via !== key);
		const answers = await Promise.all(asked.slice(0, ASKED_NEIGHBOURS).map((neighbour) => this.#ask(neighbour, key)));
		const found = new Set(answers.flat());
		found.delete(selfId);
		const distance = distanceFrom(key);
		return [...found].sort((a, b) => distance(a) - distance(b));
	}

	/** A neighbour asks, for itself or for another. */
	take(via: string, question: Find) {
		const { surroundings, selfId, send } = this.#options;
		const { id, from, key, hops } = question;
		const name = `${from} ${id}`;
		if (from === selfId || this.#passed.has(name)) return;
		surroundings.learn(from, via);
		const places = surroundings.nearest(key, [from]);
		const [best] = places;
		const distance = distanceFrom(key);
		const isNearer = best !== undefined && best.peerId !== key && distance(best.peerId) < distance(selfId);
		if (isNearer && best.via !== via && hops > 1 && key !== selfId) {
			this.#passed.set(name, { back: via, to: best.via });
			return send(best.via, { ...question, hops: hops - 1 });
		}
		this.#passed.set(name, { back: via, to: undefined });
		const peers = [selfId, ...places.map(({ peerId }) => peerId)].sort((a, b) => distance(a) - distance(b));
		send(via, { is: "found", id, from, peers: peers.slice(0, MAX_FOUND) });
	}

	/** An answer comes back. */
	takeAnswer(via: string, answer: Found) {
		const { surroundings, selfId, send } = this.#options;
		const { id, from, peers } = answer;
		if (from === selfId) {
			const question = this.#own.get(id);
			if (question?.asked !== via) return;
			this.#learn(peers, via);
			return question.settle(peers);
		}
		const name = `${from} ${id}`;
		const passed = this.#passed.get(name);
		// Only who was asked may answer, and once.
		if (passed === undefined || passed.to !== via) return;
		this.#passed.set(name, { ...passed, to: undefined });
		this.#learn(peers, via);
		if (surroundings.neighbours().includes(passed.back)) send(passed.back, answer);
	}

	clear(): void {
		for (const { settle } of [...this.#own.values()]) settle([]);
		this.#passed.clear();
	}

	#learn(peers: readonly string[], via: string) {
		for (const peerId of peers) this.#options.surroundings.learn(peerId, via);
	}

	#ask(neighbour: string, key: string): Promise<readonly string[]> {
		const { environment, selfId, send } = this.#options;
		if (this.#own.size >= MAX_QUESTIONS) return Promise.resolve([]);
		return new Promise((resolve) => {
			const id = environment.randomHex(16);
			const settle = (peers: readonly string[]) => {
				cancel();
				this.#own.delete(id);
				resolve(peers);
			};
			const cancel = environment.timers.after(FIND_MS, () => settle([]));
			this.#own.set(id, { asked: neighbour, settle });
			send(neighbour, { is: "find", id, from: selfId, key, hops: MAX_HOPS });
		});
	}
}
