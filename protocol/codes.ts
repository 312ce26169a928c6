/** Every code that an `error` frame can carry, and whether sending the same frame again may succeed. */
export const ERROR_CODES = {
	BAD_JSON: { retryable: false },
	BAD_REQUEST: { retryable: false },
	UNKNOWN_TYPE: { retryable: false },
	TOO_LARGE: { retryable: false },
	NOT_JOINED: { retryable: false },
	ALREADY_JOINED: { retryable: false },
	PEER_ID_TAKEN: { retryable: false },
	PEER_NOT_FOUND: { retryable: false },
	UNAUTHORIZED: { retryable: false },
	FORBIDDEN: { retryable: false },
	RATE_LIMITED: { retryable: true },
	UNAVAILABLE: { retryable: true },
	INTERNAL: { retryable: false },
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;
