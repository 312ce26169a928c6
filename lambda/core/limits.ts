/**
 * Every limit and default, named once. Terraform's variables and the local gateway obey the same numbers
 * (test/config.test.ts compares them).
 * Those of the wire are in protocol/limits.ts.
 */

/** What a token bucket lets through: `perSecond` on average, and up to `burst` at once. */
export interface Rate {
	readonly perSecond: number;
	readonly burst: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** How many nearest peers a newcomer is introduced to. */
export const NEAREST_PEERS = 5;

/** How many peers around random keys a newcomer is introduced to: the long links that keep a mesh in one piece. */
export const FAR_PEERS = 3;

/**
 * Items that the first range query of a neighbour search reads on each side of its key. Sixteen peer items fit the
 * 4 KB that one read unit pays for.
 */
export const NEIGHBOUR_WINDOW = 16;

/** Items that a query around a random key reads: a little more than one, so that an expired item does not void it. */
export const FAR_WINDOW = 3;

/** How long a lease outlives the oldest possible connection, in ms: clocks differ, and a live peer must not expire. */
export const LEASE_MARGIN_MS = 5 * MINUTE;

/**
 * How long before the end of its connection, or of what its token allows, a client is asked to be on a new one, in ms.
 * At most a quarter of the time that is left, so that a short one does not make it reconnect all the time.
 */
export const RECONNECT_MARGIN_MS = 5 * MINUTE;

/** What a client that is told to go away has left, in ms. */
export const RECONNECT_WITHIN_MS = 5 * SECOND;

/** How long a connection may take until it has joined, in ms: enough to type a `join` by hand. */
export const JOIN_DEADLINE_MS = MINUTE;

/** By how much the clock of who issued a token may differ from this one's, in ms. */
export const CLOCK_SKEW_MS = 30 * SECOND;

/**
 * Frames that one connection may send: on average, and at once. A newcomer that calls eight peers and sends every
 * candidate by itself sends a hundred within a second or two.
 */
export const FRAME_RATE: Rate = { perSecond: 20, burst: 200 };

/** The same for the dear ones, `join` and `find_peers`, which search the table. */
export const SEARCH_RATE: Rate = { perSecond: 1, burst: 20 };

/**
 * Frames of one connection that an instance lets through before it tells the others, and the length of the windows of
 * time for which they count together, in ms.
 */
export const REPORTED_FRAMES = 50;
export const RATE_WINDOW_MS = MINUTE;

/**
 * Frames that a client may send although it was just told to wait, before it is cut off; and how long it has to keep to
 * the rate for them to be forgotten, in ms.
 */
export const MAX_DEFIANCES = 50;
export const RATE_CALM_MS = 10 * SECOND;

/** Tries to win a peer id that others keep taking in the same moment, before the joiner is told to retry. */
export const MAX_CLAIM_ATTEMPTS = 4;

/**
 * Dead peers that one invocation clears away, counting those found while telling the neighbours of the first. What is
 * left over is found by the next frame to it, or by its lease.
 */
export const MAX_EVICTIONS = 16;
