/** What to say of data that cannot be sent. Loads if there is some. */
import { type BadData, bytesOf, type Changed, isBlob, tagOf } from "./data.ts";
import { MeshError } from "./errors.ts";

export function badRequest({ changed, cause }: BadData): MeshError {
	if (changed === undefined) return new MeshError("BAD_REQUEST", "Data must be bytes or JSON.", { cause });
	const place = changed.key === "" ? "" : ` (at ${JSON.stringify(changed.key.slice(0, 64))})`;
	const rule = "data must be bytes, a Blob, a stream or JSON";
	return new MeshError("BAD_REQUEST", `${nameOf(changed)} cannot be sent${place}: ${rule}.`);
}

function nameOf({ given, value, isInList }: Changed): string {
	if (bytesOf(given) ?? isBlob(given)) return "Bytes within other data";
	if (value === null && given !== null) return `An invalid ${tagOf(given)}`;
	if (value === undefined) return isInList ? "undefined in a list" : "undefined";
	const tag = tagOf(value);
	if (tag === "Number") return String(value);
	return withArticle(typeof value === "object" ? tag : typeof value);
}

const withArticle = (noun: string) => `${/^[AEIOU]/i.test(noun) ? "An" : "A"} ${noun}`;
