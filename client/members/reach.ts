/** Which peers the mesh reaches, by the links that the records tell of. */
import type { MemberRecord } from "./record.ts";

/**
 * A link counts if one end tells of it, and the other tells of it, too, or has told of none: older clients and p2pmesh's
 * peers tell nothing. So a peer that goes is gone as soon as its neighbours have lost it, and needs no timeout.
 * @returns the links between each peer and this one, by id; without this one
 */
export function reach(
	selfId: string,
	ownLinks: readonly string[],
	records: readonly MemberRecord[],
): Map<string, number> {
	const told = new Map<string, ReadonlySet<string>>(records.map(({ id, links }) => [id, new Set(links)]));
	told.set(selfId, new Set(ownLinks));
	const linked = new Map<string, string[]>();
	const add = (from: string, to: string) => {
		const others = linked.get(from);
		if (others === undefined) linked.set(from, [to]);
		else others.push(to);
	};
	for (const [id, links] of told) {
		for (const other of links) {
			const theirs = told.get(other);
			if (theirs?.has(id) === false) continue;
			add(id, other);
			if (theirs === undefined) add(other, id);
		}
	}
	const hops = new Map([[selfId, 0]]);
	// A loop over a Map reaches the entries that are added during the loop.
	for (const [id, distance] of hops) {
		for (const other of linked.get(id) ?? []) if (!hops.has(other)) hops.set(other, distance + 1);
	}
	hops.delete(selfId);
	return hops;
}
