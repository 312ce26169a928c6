/** The server's limits that no deployment changes. Settings are in settings.ts, the wire's limits in protocol/limits.ts. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/**
 * Items that the first range query of a neighbour search reads on each side of its key. Sixteen peer items fit the
 * 4 KB that one read unit pays for.
 */
export const NEIGHBOUR_WINDOW = 16;

/**
 * Rounds of a neighbour search for a reader that takes only some forms of ids. The window doubles with each round, so it
 * sees 16 + 32 + 64 peers on each side of its key, in at most six queries, and lists the nearest ones that the reader takes.
 */
export const FILTERED_ROUNDS = 3;

/** Items that a query around a random key reads, to pick one of them: as many as one read unit pays for. */
export const FAR_WINDOW = 16;

/** How long a lease outlives the oldest possible connection, in ms: clocks differ, and a live peer must not expire. */
export const LEASE_MARGIN_MS = 5 * MINUTE;

/**
 * How long an instance trusts its memory of a connection's peer, and of a peer's connection, in ms. Takeovers close the
 * older connection, so memory goes wrong only if that close fails.
 */
export const REMEMBERED_MS = MINUTE;

/**
 * How long before the end of its connection or token a client is asked to have a new connection, in ms. At most a quarter
 * of the time that is left, so that a client with a short time does not reconnect all the time.
 */
export const RECONNECT_MARGIN_MS = 5 * MINUTE;

/** The time that a client has left after `go_away`, in ms. */
export const RECONNECT_WITHIN_MS = 5 * SECOND;

/** Largest accepted difference between the clock of a token's issuer and this one, in ms. */
export const CLOCK_SKEW_MS = 30 * SECOND;

/**
 * Characters of a token's `sub` that count. OpenID Connect allows no more, and the connection's record may hold it.
 * https://openid.net/specs/openid-connect-core-1_0.html#IDToken
 */
export const MAX_SUBJECT_LENGTH = 255;

/** Frames of one connection that an instance lets through before it tells the other instances. */
export const REPORTED_FRAMES = 50;

/** Length of the windows of time in which all instances count together, in ms. */
export const RATE_WINDOW_MS = MINUTE;

/** Length of the windows of time in which all instances count the actions of a source together, in ms. */
export const SOURCE_WINDOW_MS = 10 * MINUTE;

/** Connects or searches of one source that an instance lets through before it tells the other instances. */
export const REPORTED_BY_SOURCE = 20;

/** Frames of one source that an instance lets through or answers before it tells the other instances. */
export const REPORTED_FRAMES_BY_SOURCE = 200;

/**
 * Longest time that a client is asked to wait for its source, in ms. A source that is further ahead does not wait when it
 * is told to, and its connections are closed.
 */
export const SOURCE_PATIENCE_MS = 10 * SECOND;

/** The name of a source changes with every day, so that old copies of the table do not show the days of one address. */
export const DAY_MS = 24 * 60 * MINUTE;

/** Posts in a row that a connection refuses until the server takes it for one that reads nothing. */
export const REFUSALS_OF_MUTE = 4;

/** How long the server posts nothing to a connection that reads nothing, in ms. */
export const MUTE_MS = 5 * SECOND;

/** Longest time that one call of the table may take, with its repetition, in ms. The adapters obey it. */
export const STORE_LIMIT_MS = 2_500;

/** Longest time that one callback to a connection may take, with its repetitions, in ms. The adapters obey it. */
export const CALLBACK_LIMIT_MS = 2_000;

/** Frames that a client may send in spite of a request to wait, before it is cut off. */
export const MAX_DEFIANCES = 50;

/** How long a client must keep to the rate until its defiances are forgotten, in ms. */
export const RATE_CALM_MS = 10 * SECOND;

/** Lines of one kind that clients can make an instance log in a minute. */
export const LINES_OF_KIND = 5;

/** Length of that minute, in ms. */
export const LINES_WINDOW_MS = MINUTE;

/** Attempts to win a peer id that other joins take at the same moment, before the client is told to try again. */
export const MAX_CLAIM_ATTEMPTS = 4;

/**
 * Dead peers that one invocation removes, including those found while it tells the neighbours of the first. The next
 * frame to one of the others finds it, or its lease expires.
 */
export const MAX_EVICTIONS = 16;
