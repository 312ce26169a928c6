/** Every refusal that the core gives, in one place. The codes are in protocol/codes.ts, and docs/protocol.md lists them. */
import type { Refusal } from "../../protocol/index.ts";
import { SOURCE_PATIENCE_MS } from "./limits.ts";

export const NOT_JOINED: Refusal = { code: "NOT_JOINED", message: "Send a join message first." };

export const UNAVAILABLE: Refusal = {
	code: "UNAVAILABLE",
	message: "The server could not do this now. Try again.",
};

export const INTERNAL: Refusal = { code: "INTERNAL", message: "The server failed to handle this message." };

export const ID_TAKEN: Refusal = { code: "PEER_ID_TAKEN", message: "Another client joined with your ID." };

/** A join on a connection that left or was replaced. */
export const SESSION_ENDED: Refusal = {
	code: "ALREADY_JOINED",
	message: "This connection's session has ended. Open a new one to join again.",
};

/** A join that meets the removal of an earlier one on the same connection. */
export const JOIN_UNDONE: Refusal = { code: "UNAVAILABLE", message: "An earlier join was just undone. Try again." };

/** A join that lost its id to other joins several times in a row. */
export const CONTENDED: Refusal = { code: "UNAVAILABLE", message: "Others are joining with this ID. Try again." };

export const TOKEN_EXPIRED: Refusal = {
	code: "UNAUTHORIZED",
	message: "The token has expired. Connect again with a new one.",
	final: true,
};

export const TOKEN_NEEDED = "A token is needed: in the URL, as a subprotocol, or in the join message.";

export function alreadyJoined({ room, peerId }: { room: string; peerId: string }): Refusal {
	return { code: "ALREADY_JOINED", message: `This connection has joined room ${room} as ${peerId}.` };
}

export function joinedTooLate(deadlineMs: number): Refusal {
	return {
		code: "NOT_JOINED",
		message: `This connection did not join within ${deadlineMs / 1000} s. Open a new one.`,
		final: true,
	};
}

/** The clients of one address send much too much together. */
export const TOO_MUCH_BY_SOURCE: Refusal = {
	code: "RATE_LIMITED",
	message: "Too many messages from your network. The connection is closed.",
	retryAfter: SOURCE_PATIENCE_MS,
	final: true,
};

/** @param retryAfter ms until the next frame may pass */
export function tooManyFrames(retryAfter: number, final: boolean): Refusal {
	return {
		code: "RATE_LIMITED",
		message: final ? "Too many messages. The connection is closed." : `Too many messages. Wait ${retryAfter} ms.`,
		retryAfter,
		final,
	};
}

export function unauthorized(message: string): Refusal {
	return { code: "UNAUTHORIZED", message };
}

export function forbidden(message: string): Refusal {
	return { code: "FORBIDDEN", message };
}
