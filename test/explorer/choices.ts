/**
 * A tree of choices, walked depth first by replay: each run repeats the choices of the one before up to the last that
 * can still go another way, takes the next way there, and the first way at every later choice.
 */
export interface Choices {
	/** Takes one of `width` ways, 0 or more and less than `width`. */
	choose(width: number): number;

	/** The choices of the run so far. They replay it. */
	taken(): readonly number[];

	/** Prepares the next run. @returns false if every way has been taken */
	advance(): boolean;
}

export function everyChoice(): Choices {
	let prefix: readonly number[] = [];
	let taken: number[] = [];
	let widths: number[] = [];
	return {
		choose(width) {
			const way = prefix[taken.length] ?? 0;
			taken.push(way);
			widths.push(width);
			return way;
		},
		taken: () => taken,
		advance() {
			let at = taken.length - 1;
			while (at >= 0 && (taken[at] as number) + 1 >= (widths[at] as number)) at--;
			if (at < 0) return false;
			prefix = [...taken.slice(0, at), (taken[at] as number) + 1];
			taken = [];
			widths = [];
			return true;
		},
	};
}

/** Chooses at random, the same for the same seed. It never ends by itself. */
export function randomChoices(seed: number): Choices {
	let state = seed >>> 0;
	let taken: number[] = [];
	return {
		choose(width) {
			state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
			const way = Math.floor((state / 2 ** 32) * width);
			taken.push(way);
			return way;
		},
		taken: () => taken,
		advance() {
			taken = [];
			return true;
		},
	};
}

/** Repeats one run. */
export function replay(choices: readonly number[]): Choices {
	let at = 0;
	return { choose: () => choices[at++] ?? 0, taken: () => choices, advance: () => false };
}
