import { MAX_ID_LENGTH } from "../protocol/limits.ts";

/** Whether the server takes it for the id of a peer or the name of a room. */
export function isId(value: unknown): value is string {
	return (
		typeof value === "string" && value !== "" && value.length <= MAX_ID_LENGTH && !/[\p{Cc}\p{Cf}\p{Cs}]/u.test(value)
	);
}

/** Whether it has the form of p2pmesh's ids: 40 hexadecimal digits. */
export function isKademliaId(id: string): boolean {
	return /^[0-9a-f]{40}$/i.test(id);
}
