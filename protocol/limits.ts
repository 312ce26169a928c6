/**
 * The limits of the wire. Server, local gateway and client obey the same numbers.
 *
 * "Quotas" is https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
 */

const MINUTE_MS = 60_000;

/**
 * Largest frame that a client may send, in bytes of UTF-8. API Gateway meters messages in steps of 32 KiB and closes
 * with 1009 on a larger frame (Quotas). The rest up to 32 KiB holds the `from` that the relay adds.
 */
export const MAX_MESSAGE_BYTES = 32_000;

/** Longest `peerId` and `room`, in UTF-16 code units. Keeps every DynamoDB key far below its 1,024 bytes. */
export const MAX_ID_LENGTH = 128;

/** Longest token, in characters. A URL can carry less (Quotas: 4,096 in all). */
export const MAX_TOKEN_LENGTH = 8_192;

/** Shortest and longest `ownerKey`, in characters: 22 characters of base64url hold 128 bits. */
export const MIN_OWNER_KEY_LENGTH = 22;
export const MAX_OWNER_KEY_LENGTH = 128;

/**
 * Hexadecimal digits of an `identity`: the first 160 bits of a public key's SHA-256. A peer id of our clients has as many, so
 * an id can be its key's hash. Nobody finds another key with the same 160 bits.
 */
export const IDENTITY_DIGITS = 40;

/** The room of a `join` without `room`. */
export const DEFAULT_ROOM = "default";

/** Largest `count` of a `find_peers`. */
export const MAX_FIND_PEERS = 32;

/** API Gateway ends every connection at this age, in ms (Quotas: 2 hours, not adjustable). */
export const MAX_CONNECTION_AGE_MS = 120 * MINUTE_MS;

/** API Gateway ends a connection after this long without a frame in either direction, in ms (Quotas). */
export const MAX_IDLE_MS = 10 * MINUTE_MS;

/** Largest frame that API Gateway accepts in either direction, in bytes, and the step by which it bills (Quotas: 32 KB). */
export const GATEWAY_MAX_FRAME_BYTES = 32 * 1024;

/** Largest message that API Gateway accepts in either direction, in bytes (Quotas: payload 128 KB). */
export const GATEWAY_MAX_MESSAGE_BYTES = 128 * 1024;
