/** Why there is no link. */
import { type LinkFailureReason, MeshError } from "../errors.ts";

export interface LinkFailure {
	readonly reason: LinkFailureReason;
	/** A sentence without its full stop. */
	readonly message: string;
	readonly cause?: unknown;
}

const MESSAGES: Record<LinkFailureReason, string> = {
	ice: "no path",
	timeout: "no answer",
	refused: "the browser refused",
	description: "a description was refused",
	"too-large": "the description is too large",
};

export function linkFailure(reason: LinkFailureReason, cause?: unknown): LinkFailure {
	return { reason, message: MESSAGES[reason], cause };
}

/** @param iceServers the servers that the attempt used: without any, only peers of one network find a path */
export function noPath(iceServers: readonly RTCIceServer[], cause: unknown): LinkFailure {
	const hint = iceServers.length === 0 ? "; without a STUN or TURN server only peers of one network link up" : "";
	return { reason: "ice", message: MESSAGES.ice + hint, cause };
}

/** Describing failed: in the browser, or since the server takes no frame of that size. */
export function descriptionFailure(cause: unknown): LinkFailure {
	return linkFailure(cause instanceof MeshError && cause.code === "TOO_LARGE" ? "too-large" : "description", cause);
}

/** The `LINK_FAILED` that an application gets. */
export function linkFailed(peerId: string, { reason, message, cause }: LinkFailure): MeshError {
	const details = { peerId, reason, retryable: true };
	const text = `No link to ${peerId}: ${message}.`;
	return new MeshError("LINK_FAILED", text, cause === undefined ? details : { ...details, cause });
}
