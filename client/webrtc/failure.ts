/** Why there is no link. What an application reads about it loads when it is needed (failure-texts.ts). */
import { type LinkFailureReason, MeshError } from "../errors.ts";

export interface LinkFailure {
	readonly reason: LinkFailureReason;
	/** Whether the attempt used no STUN or TURN server: then only peers of one network find a path. */
	readonly withoutServers?: boolean;
	readonly cause?: unknown;
}

export const TIMEOUT: LinkFailure = { reason: "timeout" };

/** Describing failed: in the browser, or since the server takes no frame of that size. */
export function descriptionFailure(cause: unknown): LinkFailure {
	return { reason: cause instanceof MeshError && cause.code === "TOO_LARGE" ? "too-large" : "description", cause };
}
