/**
 * The items of the table:
 *
 * | pk                | sk                     | attributes |
 * |-------------------|------------------------|------------|
 * | `connection#{id}` | `connection`           | room, peerId, routingKey, state, expiresAt, v, authorizedUntil?, anyId?, subject? |
 * | `connection#{id}` | `grant`                | until, expiresAt, v, peerId?, subject?, rooms? |
 * | `connection#{id}` | `frames#{window}`      | frames, expiresAt, v |
 * | `connection#source#{hash}#{action}` | `frames#{window}` | as above, for the actions of one source |
 * | `room#{room}`     | `{routing key}#{peer}` | connectionId, resumeKey, lastSeen, expiresAt, v, replaces?, resumed?, since?, ownerHash?, k? |
 *
 * `k` is the identity. It is short and binary, because sixteen leases must fit into one read unit (NEIGHBOUR_WINDOW).
 *
 * During an update or a rollback two versions of the function use one table. A reader ignores attributes that it does not
 * know. A change that a reader of this version would misunderstand raises `ITEM_VERSION`, and this version then skips the
 * item. Version 0.1.0 wrote items without `v`, in the form of version 1.
 */
import { isId, isIdentity } from "../../protocol/index.ts";
import type { Item } from "../aws/dynamodb.ts";
import type {
	ConnectionRecord,
	ConnectionState,
	Grant,
	GrantRecord,
	PeerIdentity,
	PeerRecord,
} from "../core/records.ts";
import { keyOf, type Position, peerIdOf, positionOf } from "../core/routing-key.ts";

/** The key of an item, for the function's calls and for those of the SDK's clients. */
type Key = { readonly pk: { readonly S: string }; readonly sk: { readonly S: string } };

/** The version of the items that this code writes, and the last that it reads. */
const ITEM_VERSION = 1;

/** `v` of a written item. A short name, because every item carries it. */
export const VERSION = { v: { N: String(ITEM_VERSION) } };

/** The sort key of a connection's record. */
const CONNECTION_SK = "connection";

/** The sort key of the grant of a token that came when the client connected. */
const GRANT_SK = "grant";

/**
 * The attributes that a reader needs, by type: an `S` that is not empty, an `N` from 0 up. The readers and the conditions
 * of writes both follow it.
 */
interface Form {
	readonly name: string;
	readonly needs: Readonly<Record<string, "S" | "N">>;
	/** An attribute that has one of these values. */
	readonly oneOf?: readonly [attribute: string, values: readonly string[]];
}

const STATES: readonly ConnectionState[] = ["joining", "joined", "barred", "left"];

export const CONNECTION: Form = {
	name: "connection",
	needs: { room: "S", peerId: "S", routingKey: "S", state: "S", expiresAt: "N" },
	oneOf: ["state", STATES],
};

export const LEASE: Form = {
	name: "lease",
	needs: { connectionId: "S", resumeKey: "S", lastSeen: "N", expiresAt: "N" },
};

const GRANT: Form = { name: "grant", needs: { until: "N", expiresAt: "N" } };

/** An item that this version cannot read. The message names its form and its fault, and nothing of its content. */
export class UnreadableItemError extends Error {
	override readonly name = "UnreadableItemError";
}

/** @throws UnreadableItemError */
function demand(item: Item, { name, needs, oneOf }: Form): void {
	const later = item.v !== undefined && !(Number(item.v.N) <= ITEM_VERSION);
	if (later) throw new UnreadableItemError(`${name}: v is not a number up to ${ITEM_VERSION}`);
	for (const [attribute, type] of Object.entries(needs)) {
		const { S, N } = item[attribute] ?? {};
		const usable = type === "S" ? S !== undefined && S !== "" : Number(N) >= 0;
		if (!usable) throw new UnreadableItemError(`${name}: ${attribute} is no usable ${type}`);
	}
	if (oneOf !== undefined && !oneOf[1].includes(item[oneOf[0]]?.S ?? "")) {
		throw new UnreadableItemError(`${name}: ${oneOf[0]} has an unknown value`);
	}
}

/**
 * A condition that holds if no reader of this version takes the item for a record: there is none, it has expired, or it
 * cannot be read. So an item that nothing can read cannot keep its key from others either.
 * @param now epoch seconds
 */
export function vacant({ needs, oneOf }: Form, now: number) {
	const names: Record<string, string> = { "#v": "v", "#expiresAt": "expiresAt" };
	const values: Item = {
		":v": { N: String(ITEM_VERSION) },
		":now": { N: String(now) },
		":S": { S: "\u0000" },
		":N": { N: "0" },
	};
	// The comparison of two values of different types is false, and so is every comparison with a missing attribute.
	const cases = [
		"attribute_not_exists(pk)",
		"#expiresAt <= :now",
		"(attribute_exists(#v) AND NOT (#v <= :v))",
		...Object.entries(needs).map(([attribute, type]) => {
			names[`#${attribute}`] = attribute;
			return `NOT (#${attribute} >= :${type})`;
		}),
	];
	if (oneOf !== undefined) {
		const [attribute, allowed] = oneOf;
		const placeholders = allowed.map((value) => {
			values[`:${value}`] = { S: value };
			return `:${value}`;
		});
		cases.push(`NOT (#${attribute} IN (${placeholders.join(", ")}))`);
	}
	return {
		ConditionExpression: cases.join(" OR "),
		ExpressionAttributeNames: names,
		ExpressionAttributeValues: values,
	};
}

/** The end of an item in epoch seconds, undefined if it has none. */
export function endOf(item: Item): number | undefined {
	return item.expiresAt?.N === undefined ? undefined : Number(item.expiresAt.N);
}

export function connectionKey(connectionId: string): Key {
	return { pk: { S: `connection#${connectionId}` }, sk: { S: CONNECTION_SK } };
}

export function grantKey(connectionId: string): Key {
	return { ...connectionKey(connectionId), sk: { S: GRANT_SK } };
}

export function roomKey(room: string): string {
	return `room#${room}`;
}

export function peerKey(identity: PeerIdentity): Key {
	return { pk: { S: roomKey(identity.room) }, sk: { S: positionOf(identity) } };
}

/** Whether a sort key is the position of a peer. The core computes with the key in it. */
export function isPosition(sortKey: string): sortKey is Position {
	const key = keyOf(sortKey);
	const peerId = peerIdOf(sortKey);
	return /^[0-9a-f]{40}$/.test(key) && isId(peerId) && sortKey === positionOf({ key, peerId });
}

export function fromConnection(record: ConnectionRecord): Item {
	return {
		...connectionKey(record.connectionId),
		...VERSION,
		room: { S: record.room },
		peerId: { S: record.peerId },
		routingKey: { S: record.key },
		state: { S: record.state },
		expiresAt: { N: String(record.expiresAt) },
		...(record.authorizedUntil !== undefined && { authorizedUntil: { N: String(record.authorizedUntil) } }),
		...(record.anyId === true && { anyId: { BOOL: true } }),
		...(record.subject !== undefined && { subject: { S: record.subject } }),
	};
}

/** @throws UnreadableItemError */
export function toConnection(item: Item, connectionId: string): ConnectionRecord {
	demand(item, CONNECTION);
	return {
		connectionId,
		room: textOf(item, "room"),
		peerId: textOf(item, "peerId"),
		key: textOf(item, "routingKey"),
		state: textOf(item, "state") as ConnectionState,
		expiresAt: numberOf(item, "expiresAt"),
		...(item.authorizedUntil?.N !== undefined && { authorizedUntil: numberOf(item, "authorizedUntil") }),
		...(item.anyId?.BOOL === true && { anyId: true }),
		...(item.subject?.S !== undefined && { subject: item.subject.S }),
	};
}

export function fromGrant(record: GrantRecord): Item {
	return {
		...grantKey(record.connectionId),
		...VERSION,
		until: { N: String(record.until) },
		expiresAt: { N: String(record.expiresAt) },
		...(record.peerId !== undefined && { peerId: { S: record.peerId } }),
		...(record.subject !== undefined && { subject: { S: record.subject } }),
		...(record.rooms !== undefined && { rooms: { L: record.rooms.map((room) => ({ S: room })) } }),
	};
}

/**
 * The limits of a grant are optional, and their absence allows everything. So a limit in a form that this version does
 * not know makes the whole grant unreadable, and its client is refused.
 * @throws UnreadableItemError
 */
export function toGrant(item: Item): Grant {
	demand(item, GRANT);
	const rooms = item.rooms?.L?.map((room) => room.S);
	if (item.peerId !== undefined && item.peerId.S === undefined) throw new UnreadableItemError("grant: peerId is no S");
	if (item.rooms !== undefined && !rooms?.every((room) => room !== undefined)) {
		throw new UnreadableItemError("grant: rooms is no list of S");
	}
	return {
		until: numberOf(item, "until"),
		...(item.peerId !== undefined && { peerId: textOf(item, "peerId") }),
		...(item.subject?.S !== undefined && { subject: item.subject.S }),
		...(rooms !== undefined && { rooms: rooms as string[] }),
	};
}

export function fromPeer(record: PeerRecord): Item {
	return {
		...peerKey(record),
		...VERSION,
		connectionId: { S: record.connectionId },
		resumeKey: { S: record.resumeKey },
		lastSeen: { N: String(record.lastSeen) },
		expiresAt: { N: String(record.expiresAt) },
		...(record.replaces !== undefined && { replaces: { S: record.replaces } }),
		...(record.resumed !== undefined && { resumed: { BOOL: record.resumed } }),
		...(record.since !== undefined && { since: { N: String(record.since) } }),
		...(record.ownerHash !== undefined && { ownerHash: { S: record.ownerHash } }),
		...(record.identity !== undefined && { k: { B: Buffer.from(record.identity, "hex").toString("base64") } }),
	};
}

/** @throws UnreadableItemError */
export function toPeer(item: Item, room: string): PeerRecord {
	demand(item, LEASE);
	const position = item.sk?.S ?? "";
	if (!isPosition(position)) throw new UnreadableItemError("lease: sk is no position");
	return {
		room,
		key: keyOf(position),
		peerId: peerIdOf(position),
		connectionId: textOf(item, "connectionId"),
		resumeKey: textOf(item, "resumeKey"),
		lastSeen: numberOf(item, "lastSeen"),
		expiresAt: numberOf(item, "expiresAt"),
		...(item.replaces?.S !== undefined && { replaces: item.replaces.S }),
		...(item.resumed?.BOOL !== undefined && { resumed: item.resumed.BOOL }),
		...(item.since?.N !== undefined && { since: numberOf(item, "since") }),
		...(item.ownerHash?.S !== undefined && { ownerHash: item.ownerHash.S }),
		...identityOf(item),
	};
}

/** The attribute `k`. One of another size is none: nobody could show a key for it. */
export function identityOf({ k }: Item): { identity?: string } {
	const bytes = typeof k?.B === "string" ? Buffer.from(k.B, "base64") : Buffer.from(k?.B ?? []);
	const identity = bytes.toString("hex");
	return isIdentity(identity) ? { identity } : {};
}

/** An attribute that `demand` has seen. */
function textOf(item: Item, attribute: string): string {
	return item[attribute]?.S as string;
}

/** An attribute that `demand` has seen. */
export function numberOf(item: Item, attribute: string): number {
	return Number(item[attribute]?.N);
}
