/** What an application reads about a link that did not come about. Loads when there is one. */
import type { LinkFailureReason } from "../errors.ts";
import type { LinkFailure } from "./failure.ts";

const TEXTS: Record<LinkFailureReason, string> = {
	ice: "no path to it was found",
	timeout: "it did not answer in time",
	refused: "the browser makes no connection",
	description: "a session description was not accepted",
	"too-large": "the session description is too large for the server",
};

/** @returns a sentence without its full stop */
export function textOf({ reason, withoutServers }: LinkFailure): string {
	const hint = withoutServers ? "; without a STUN or TURN server only peers of one network link up" : "";
	return TEXTS[reason] + hint;
}
