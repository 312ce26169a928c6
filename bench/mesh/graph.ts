/** Measures the shape of a mesh: its components, the length of its paths, the number of links of a peer. */

import type { Random } from "./random.ts";

/** Sources of the breadth-first searches that estimate the mean path length. */
const PATH_SOURCES = 50;

/** A peer, with the peers that it has links to. */
export interface Linked {
	readonly links: Iterable<Linked>;
}

export interface Shape {
	/** Share of the peers that are in the largest component, 0 to 1. */
	readonly largestShare: number;
	/** Mean number of hops between two peers of the largest component. */
	readonly pathLength: number;
	readonly meanLinks: number;
	readonly fewestLinks: number;
	readonly mostLinks: number;
}

/** @param peers the present peers. A link to any other peer is dead and carries nothing, though its owner has not found out */
export function shapeOf(peers: readonly Linked[], random: Random): Shape {
	const indexOf = new Map<Linked, number>(peers.map((peer, index) => [peer, index]));
	const neighbours = peers.map((peer) => [...peer.links].flatMap((other) => indexOf.get(other) ?? []));
	const largest = largestComponent(neighbours);
	const linkCounts = neighbours.map((list) => list.length);
	return {
		largestShare: largest.length / peers.length,
		pathLength: meanPathLength(neighbours, random.pick(largest, PATH_SOURCES)),
		meanLinks: linkCounts.reduce((total, count) => total + count, 0) / peers.length,
		fewestLinks: linkCounts.reduce((a, b) => Math.min(a, b)),
		mostLinks: linkCounts.reduce((a, b) => Math.max(a, b)),
	};
}

type Neighbours = readonly (readonly number[])[];

function largestComponent(neighbours: Neighbours): readonly number[] {
	const seen = new Set<number>();
	let largest: readonly number[] = [];
	for (const start of neighbours.keys()) {
		if (seen.has(start)) continue;
		const { reached } = search(start, neighbours);
		for (const index of reached) seen.add(index);
		if (reached.length > largest.length) largest = reached;
	}
	return largest;
}

function meanPathLength(neighbours: Neighbours, sources: readonly number[]): number {
	let hops = 0;
	let pairs = 0;
	for (const source of sources) {
		const { reached, hopsTo } = search(source, neighbours);
		for (const index of reached) hops += hopsTo[index] ?? 0;
		pairs += reached.length - 1;
	}
	return pairs === 0 ? 0 : hops / pairs;
}

/** Breadth first: all peers that the source reaches, itself included, and the number of hops to each. */
function search(source: number, neighbours: Neighbours) {
	const hopsTo = new Int32Array(neighbours.length).fill(-1);
	hopsTo[source] = 0;
	const reached = [source];
	for (const index of reached) {
		for (const next of neighbours[index] as readonly number[]) {
			if (hopsTo[next] !== -1) continue;
			hopsTo[next] = (hopsTo[index] as number) + 1;
			reached.push(next); // the loop also visits items added during it, so the array is the queue
		}
	}
	return { reached, hopsTo };
}
