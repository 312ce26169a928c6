import { MAX_ID_LENGTH } from "./limits.ts";

/** Whether it may be the id of a peer or the name of a room: what the server takes for one. */
export function isId(value: unknown): value is string {
	return typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH && !/\p{Cc}|\p{Cs}/u.test(value);
}
