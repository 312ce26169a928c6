/**
 * The ways that this peer knows: its neighbours, their neighbours as they tell, and the neighbour by which a signal or an answer of a
 * farther peer came. A neighbour is believed about the ways through itself only.
 */
import { BoundedMap } from "../bounded-map.ts";
import type { Timers } from "../environment.ts";
import { MAX_ROUTES, ROUTE_MS } from "../limits.ts";
import { distanceFrom } from "./nearness.ts";

/** A peer, and the neighbour that leads to it: the peer itself if it is a neighbour. */
export interface Place {
	readonly peerId: string;
	readonly via: string;
}

export class Surroundings {
	readonly #timers: Pick<Timers, "elapsed">;
	readonly #selfId: string;
	/** Neighbours that know this language, and their neighbours. */
	readonly #near = new Map<string, readonly string[]>();
	readonly #routes = new BoundedMap<string, { readonly via: string; readonly at: number }>(MAX_ROUTES);

	constructor(timers: Pick<Timers, "elapsed">, selfId: string) {
		this.#timers = timers;
		this.#selfId = selfId;
	}

	neighbours(): string[] {
		return [...this.#near.keys()];
	}

	/** A neighbour has said something. @param peers its neighbours, if it was that. @returns whether it is new here */
	told(neighbour: string, peers?: readonly string[]): boolean {
		const known = this.#near.get(neighbour);
		this.#near.set(neighbour, peers ?? known ?? []);
		return known === undefined;
	}

	/** @returns whether it was here */
	lost(neighbour: string): boolean {
		return this.#near.delete(neighbour);
	}

	clear(): void {
		this.#near.clear();
		this.#routes.clear();
	}

	/** Something of the peer came by this neighbour. */
	learn(peerId: string, via: string): void {
		if (peerId !== this.#selfId) this.#routes.set(peerId, { via, at: this.#timers.elapsed() });
	}

	/** The way by this neighbour leads nowhere. */
	unlearn(peerId: string, via: string): void {
		if (this.#routes.get(peerId)?.via === via) this.#routes.delete(peerId);
		const known = this.#near.get(via);
		if (known?.includes(peerId))
			this.#near.set(
				via,
				known.filter((other) => other !== peerId),
			);
	}

	/** The neighbour that leads to the peer. @param avoid neighbours that it may not be */
	next(peerId: string, avoid: readonly string[]): string | undefined {
		if (this.#near.has(peerId) && !avoid.includes(peerId)) return peerId;
		const mayUse = (via: string) => via !== peerId && this.#near.has(via) && !avoid.includes(via);
		for (const [via, peers] of this.#near) if (peers.includes(peerId) && mayUse(via)) return via;
		const route = this.#routes.get(peerId);
		const isFresh = route !== undefined && this.#timers.elapsed() - route.at < ROUTE_MS;
		return isFresh && mayUse(route.via) ? route.via : undefined;
	}

	/** The peers nearest to a key among the neighbours and theirs, the nearest first. */
	nearest(key: string, except: readonly string[]): Place[] {
		const places = new Map<string, string>();
		for (const [via, peers] of this.#near) for (const peerId of peers) places.set(peerId, via);
		for (const via of this.#near.keys()) places.set(via, via);
		for (const peerId of [this.#selfId, ...except]) places.delete(peerId);
		const distance = distanceFrom(key);
		return [...places]
			.map(([peerId, via]) => ({ peerId, via, distance: distance(peerId) }))
			.sort((a, b) => a.distance - b.distance);
	}
}
