/**
 * Whom a broadcast is pushed to, and whom it is only announced to. Each origin has a tree of its own, along which its
 * broadcasts reach each peer once. On the other links their numbers are announced.
 *
 * - An origin pushes to all its neighbours. A peer that hears of an origin for the first time pushes along the island's tree.
 * - A peer that gets a copy which it has already tells its sender to announce only (`prune`). It keeps the neighbour that
 *   was first, or the origin itself.
 * - A peer that hears of a number (`have`) and still lacks it a moment later asks for it (`want`). The answer comes from a short
 *   memory of bodies, and from then on that link belongs to the tree.
 *
 * This is Plumtree (Leitão, Pereira, Rodrigues 2007) with a tree for each origin: the ways are short, and the load is shared.
 * Loads with the second link. A peer without it floods, and gets each broadcast of all neighbours, as a peer of version 0.1 does.
 */
import { BoundedMap } from "../bounded-map.ts";
import { Limiter } from "../limiter.ts";
import {
	ANNOUNCE_MS,
	ASKED_MS,
	GRAFT_MS,
	MAX_LATEST,
	MAX_NUMBER,
	MAX_NUMBERS,
	MAX_RECENT_BYTES,
	MAX_RUNS,
	MAX_TREE_FRAMES,
	RECENT_MS,
	TREE_FRAMES_MS,
	WAITING_COST_BYTES,
} from "../limits.ts";
import { BroadcastMemory, hasNumber, type Known, type Origin } from "./broadcast-memory.ts";
import type { Extra, ExtraHost } from "./extras.ts";
import { type ExtraFrame, isWhole, type MeshFrame, type RoutedFrame } from "./frames.ts";
import { Pace } from "./pace.ts";
import { NO_PAYLOAD } from "./payload.ts";
import type { Sent } from "./routing.ts";

/** The broadcasts of a run from one number to another. */
type Numbers = readonly [run: string, first: number, last: number];

/** What a frame says. It is sent with one of the fields. */
interface Fields {
	/** The sender has these broadcasts. */
	readonly have?: readonly Numbers[];
	/** It wants them, and all that follow. */
	readonly want?: readonly Numbers[];
	/** It gets the broadcasts of these runs from others. */
	readonly prune?: readonly string[];
}

/** The place of this peer in the tree of one origin. */
interface Place {
	/** The neighbour that the broadcasts are expected from. */
	parent: string | undefined;
	newest: number;
	/** Neighbours that have them from others. */
	readonly lazy: Set<string>;
	/** Neighbours that were told to announce only, and when. */
	readonly pruned: Map<string, number>;
}

/** A broadcast that a neighbour may ask for. */
interface Recent {
	/** As it is passed on. */
	readonly frame: RoutedFrame;
	readonly at: number;
	/** Who asked for it: a link loses nothing, so each gets it once. */
	readonly given: Set<string>;
}

type Range = [run: string, first: number, last: number];

export class BroadcastTree implements Extra {
	readonly #host: ExtraHost;
	readonly #memory: BroadcastMemory;
	readonly #pace: Pace;
	readonly #limiter: Limiter;
	/** An origin that the memory forgets is forgotten here. */
	#places = new WeakMap<Origin, Place>();
	/** By key: the newest number of those of which only the newest matters. */
	readonly #latest = new BoundedMap<string, number>(MAX_LATEST);
	/** By id. */
	readonly #recent = new Map<string, Recent>();
	#recentBytes = 0;
	/** By neighbour and run: what is announced to it next. */
	readonly #news = new Map<string, Map<string, Range>>();
	#cancelNews: (() => void) | undefined;
	/** By neighbour: what it has announced and was not here then, and when to ask for it. */
	readonly #lacking = new Map<string, readonly { readonly numbers: Numbers; readonly due: number }[]>();
	#cancelAsk: (() => void) | undefined;
	/** By id: until when nobody else is asked for it. */
	readonly #asked = new Map<string, number>();
	/** Then neighbours may still be draining, and no timer is to be set. */
	#isLeft = false;

	constructor(host: ExtraHost) {
		const { timers } = host.environment;
		this.#host = host;
		this.#memory = new BroadcastMemory(timers);
		this.#pace = new Pace(timers, host.emitter.emit);
		this.#limiter = new Limiter(timers, MAX_TREE_FRAMES, TREE_FRAMES_MS);
		host.emitter.on("peer:disconnect", (peerId) => this.#disconnected(peerId));
		host.emitter.on("state", (state) => {
			this.#isLeft = state === "left";
			if (this.#isLeft) this.#clear();
		});
	}

	/**
	 * A broadcast came, or is to go out.
	 * @param via the neighbour that brought it, or this peer itself
	 * @returns undefined if its id has no number: it floods
	 */
	take({ id, from, latest }: RoutedFrame, via: string): Known | undefined {
		const known = this.#memory.take(id, via);
		if (known === undefined) return undefined;
		this.#learn(known, via, from);
		if (latest === undefined || !known.isNew) return known;
		// A newer one with the same key was here already.
		if (known.number < (this.#latest.get(latest) ?? 0)) return { ...known, isNew: false };
		this.#latest.set(latest, known.number);
		return known;
	}

	/** From a copy: which neighbour is the parent, and which is to announce only. */
	#learn({ isNew, origin, run, number }: Known, via: string, from: string) {
		const place = this.#placeOf(origin, from);
		place.newest = Math.max(place.newest, number);
		// What is still under way from a pruned neighbour may be first. It is no parent for that.
		const isExpected = !this.#isPruned(place, via);
		if (isNew) {
			if (isExpected || place.parent === undefined) place.parent = via;
		} else if (via !== place.parent) {
			// The origin's own link is the better one, unless it lags behind.
			const isBetter = via === from && number === place.newest && isExpected;
			const worse = isBetter ? place.parent : via;
			if (isBetter) place.parent = via;
			if (worse !== undefined && !this.#isPruned(place, worse)) {
				place.pruned.set(worse, this.#now());
				this.#tell(worse, { prune: [run] });
			}
		}
	}

	/** @returns those of the neighbours that a broadcast is pushed to. The others hear of it soon. @param frame as it is passed on */
	spread({ origin, run, number }: Known, frame: RoutedFrame, neighbours: readonly string[]): readonly string[] {
		const { lazy } = this.#placeOf(origin, frame.from);
		if (this.#isLeft || !neighbours.some((peerId) => lazy.has(peerId))) return neighbours;
		this.#remember(frame);
		for (const peerId of neighbours) if (lazy.has(peerId)) this.#announce(peerId, run, number);
		return neighbours.filter((peerId) => !lazy.has(peerId));
	}

	/** Same duties as `Pace.wait`. */
	pace(sent: Sent): Promise<number> {
		return this.#pace.wait(sent);
	}

	/** Takes a frame that a neighbour sent. */
	receive(via: string, { fields }: ExtraFrame): void {
		if (this.#isLeft || !this.#limiter.allows(via)) return;
		const { have, want, prune } = fields ?? {};
		this.#hear(via, readNumbers(have));
		this.#give(via, readNumbers(want));
		for (const run of Array.isArray(prune) ? prune.slice(0, MAX_RUNS) : []) this.#known(run)?.lazy.add(via);
	}

	#disconnected(peerId: string) {
		for (const origin of this.#memory.origins.values()) {
			const place = this.#places.get(origin);
			place?.lazy.delete(peerId);
			place?.pruned.delete(peerId);
			if (place?.parent === peerId) place.parent = undefined;
		}
		this.#news.delete(peerId);
		this.#lacking.delete(peerId);
	}

	#clear() {
		this.#cancelNews?.();
		this.#cancelAsk?.();
		this.#cancelNews = this.#cancelAsk = undefined;
		this.#places = new WeakMap();
		for (const map of [this.#recent, this.#news, this.#lacking, this.#asked]) map.clear();
		this.#recentBytes = 0;
	}

	#now() {
		return this.#host.environment.timers.elapsed();
	}

	#tell(peerId: string, fields: Fields) {
		this.#send(peerId, { kind: "tree", fields: { ...fields }, ...NO_PAYLOAD });
	}

	/** It may be lost: the link ended, or is full. */
	#send(peerId: string, frame: MeshFrame) {
		this.#host.transmit(peerId, frame).catch(() => {});
	}

	#placeOf(origin: Origin, from: string): Place {
		const known = this.#places.get(origin);
		if (known !== undefined) return known;
		const { selfId, redundant } = this.#host;
		// Of its own broadcasts all neighbours get a copy: nobody is nearer. A neighbour without this part would hear of none.
		const beside = from === selfId ? [] : redundant().filter(({ tree }) => tree);
		const lazy = new Set(beside.map(({ peerId }) => peerId));
		const place: Place = { parent: undefined, newest: 0, lazy, pruned: new Map() };
		this.#places.set(origin, place);
		return place;
	}

	#known(run: string): Place | undefined {
		const origin = this.#memory.origins.get(run);
		return origin && this.#places.get(origin);
	}

	#isPruned({ pruned }: Place, peerId: string) {
		const at = pruned.get(peerId);
		return at !== undefined && this.#now() - at < ASKED_MS;
	}

	#remember(frame: RoutedFrame) {
		const now = this.#now();
		this.#recent.set(frame.id, { frame, at: now, given: new Set() });
		this.#recentBytes += costOf(frame);
		for (const [id, oldest] of this.#recent) {
			if (this.#recentBytes <= MAX_RECENT_BYTES && now - oldest.at < RECENT_MS) break;
			this.#recent.delete(id);
			this.#recentBytes -= costOf(oldest.frame);
		}
	}

	#announce(peerId: string, run: string, number: number) {
		const { timers, random } = this.#host.environment;
		const news = this.#news.get(peerId) ?? new Map<string, Range>();
		this.#news.set(peerId, news);
		const [, first, last] = news.get(run) ?? [run, number, number];
		// Numbers in between may be missing here, too. Then another neighbour is asked a little later.
		const range: Range = [run, Math.min(first, number), Math.max(last, number)];
		news.set(run, range);
		// At a random time: of two neighbours one speaks first, and the other has no news for it then.
		this.#cancelNews ??= timers.after(ANNOUNCE_MS * (0.5 + random()), () => {
			this.#cancelNews = undefined;
			for (const peer of this.#news.keys()) this.#publish(peer);
		});
		if (news.size >= MAX_RUNS || range[2] - range[1] >= MAX_NUMBERS / 2) this.#publish(peerId);
	}

	#publish(peerId: string) {
		const have = [...(this.#news.get(peerId)?.values() ?? [])];
		this.#news.delete(peerId);
		if (have.length > 0) this.#tell(peerId, { have });
	}

	#hear(via: string, have: readonly Numbers[]) {
		const news = this.#news.get(via);
		for (const [run, first, last] of have) {
			const mine = news?.get(run);
			if (mine !== undefined && mine[1] >= first && mine[2] <= last) news?.delete(run);
		}
		const due = this.#now() + GRAFT_MS;
		const lacked = have.filter((numbers) => this.#lacks([numbers]).length > 0).map((numbers) => ({ numbers, due }));
		if (lacked.length === 0) return;
		this.#lacking.set(via, [...(this.#lacking.get(via) ?? []), ...lacked].slice(-MAX_RUNS));
		this.#askSoon();
	}

	#lacks(runs: readonly Numbers[]) {
		return [...numbersOf(runs)].filter(([run, number]) => {
			const origin = this.#memory.origins.get(run);
			return origin === undefined || !hasNumber(origin, number);
		});
	}

	#askSoon() {
		this.#cancelAsk ??= this.#host.environment.timers.after(GRAFT_MS, () => this.#ask());
	}

	#ask() {
		this.#cancelAsk = undefined;
		const now = this.#now();
		for (const [id, until] of this.#asked) if (until <= now) this.#asked.delete(id);
		for (const [peerId, lacked] of this.#lacking) {
			const want: Range[] = [];
			const asked: Range[] = [];
			for (const [run, number] of this.#lacks(lacked.flatMap(({ numbers, due }) => (due <= now ? [numbers] : [])))) {
				const id = idOf(run, number);
				if (this.#asked.has(id)) append(asked, run, number);
				else if (append(want, run, number)) this.#asked.set(id, now + ASKED_MS);
			}
			// It may become the parent at once.
			for (const [run] of want) this.#known(run)?.pruned.delete(peerId);
			if (want.length > 0) this.#tell(peerId, { want });
			const rest = lacked.filter(({ due }) => due > now).concat(asked.map((numbers) => ({ numbers, due: now })));
			if (rest.length > 0) this.#lacking.set(peerId, rest);
			else this.#lacking.delete(peerId);
		}
		if (this.#lacking.size > 0) this.#askSoon();
	}

	#give(via: string, want: readonly Numbers[]) {
		for (const [run] of want) this.#known(run)?.lazy.delete(via);
		for (const [run, number] of numbersOf(want)) {
			const recent = this.#recent.get(idOf(run, number));
			if (recent === undefined || recent.given.has(via)) continue;
			recent.given.add(via);
			this.#send(via, recent.frame);
		}
	}
}

function idOf(run: string, number: number): string {
	return `${run}.${number}`;
}

function costOf({ body }: RoutedFrame): number {
	return body.length + WAITING_COST_BYTES;
}

/** @returns what is within its bounds of what a neighbour sent: all ranges together have so many numbers */
function readNumbers(value: unknown): Numbers[] {
	let left = MAX_NUMBERS;
	const ranges = Array.isArray(value) ? value.slice(0, MAX_RUNS).filter(isNumbers) : [];
	return ranges.map(([run, first, last]) => {
		const end = Math.min(last, first + left - 1);
		left -= end - first + 1;
		return [run, first, end];
	});
}

function isNumbers(value: unknown): value is Numbers {
	if (!Array.isArray(value)) return false;
	const [run, first, last] = value;
	return typeof run === "string" && isWhole(first, 0, MAX_NUMBER) && isWhole(last, first, MAX_NUMBER);
}

/** One by one. Of many the rest is left out. */
function* numbersOf(runs: readonly Numbers[]): Generator<[run: string, number: number]> {
	let left = MAX_NUMBERS;
	for (const [run, first, last] of runs) {
		for (let number = first; number <= last && left-- > 0; number++) yield [run, number];
	}
}

/** Adds a number to the last range, or as a new one. @returns false if they are too many */
function append(ranges: Range[], run: string, number: number): boolean {
	const last = ranges.at(-1);
	if (last?.[0] === run && last[2] === number - 1) last[2] = number;
	else if (ranges.length === MAX_RUNS) return false;
	else ranges.push([run, number, number]);
	return true;
}

export function start(host: ExtraHost): BroadcastTree {
	return new BroadcastTree(host);
}
