/**
 * The record of a member: what a peer says of itself, as it goes from neighbour to neighbour.
 *
 * Any neighbour may have changed or invented a record that it carries, so every field has bounds.
 */
import { toJson } from "../data.ts";
import { badOptions } from "../errors.ts";
import { isId } from "../ids.ts";
import { encodeText, isObject } from "../json.ts";
import { MAX_MEMBERS, MAX_METADATA_BYTES } from "../limits.ts";

/** What an application says of its peer: a name and the like. */
export type Metadata = Readonly<Record<string, unknown>>;

export interface MemberRecord {
	readonly id: string;
	/** Grows by one with every change, and starts anywhere. 32 bits, and after the largest comes 0. */
	readonly version: number;
	/** The peers that it has an open link to. */
	readonly links: readonly string[];
	readonly metadata: Metadata;
}

/** On the wire. */
export type WrittenRecord = readonly [id: string, version: number, links: readonly string[], metadata: Metadata];

/** Of a record that is held: which one it is. */
export type Held = readonly [id: string, version: number];

/**
 * Whether a version is newer. The numbers are a ring: "newer" is the shorter way forward. So there is no largest number, and
 * a peer can always outbid a record that another has forged in its name.
 */
export function isNewer(version: number, than: number): boolean {
	return ((version - than) | 0) > 0;
}

export function nextVersion(version: number): number {
	return (version + 1) >>> 0;
}

export function writeRecord({ id, version, links, metadata }: MemberRecord): WrittenRecord {
	return [id, version, links, metadata];
}

/** @returns undefined for anything else that a neighbour sent */
export function readRecord(value: unknown): MemberRecord | undefined {
	if (!Array.isArray(value)) return undefined;
	const [id, version, links, metadata] = value;
	const areLinks = Array.isArray(links) && links.length <= MAX_MEMBERS && links.every(isId);
	if (!isHeld(value) || !areLinks || !isObject(metadata) || !isSmall(metadata)) return undefined;
	return { id, version, links, metadata };
}

export function isHeld(value: unknown): value is Held {
	if (!Array.isArray(value)) return false;
	const [id, version] = value;
	return isId(id) && Number.isInteger(version) && version >= 0 && version <= 0xffff_ffff;
}

function isSmall(metadata: Metadata): boolean {
	return encodeText(JSON.stringify(metadata)).length <= MAX_METADATA_BYTES;
}

/**
 * A copy of what the application gave: it may change its own object later.
 * @throws MeshError `BAD_OPTIONS`, or BadData for a value that would arrive changed
 */
export function copyMetadata(metadata: unknown): Metadata {
	if (!isObject(metadata)) throw badOptions("metadata must be an object.");
	const text = toJson(metadata);
	const bytes = encodeText(text).length;
	if (bytes > MAX_METADATA_BYTES) {
		throw badOptions(`metadata may have ${MAX_METADATA_BYTES} bytes as JSON; got ${bytes}.`);
	}
	return JSON.parse(text);
}
