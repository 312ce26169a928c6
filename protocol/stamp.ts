/** Sets `from` in a client's frame. The rest of the text stays as it was sent. */

/**
 * The text of a JSON object with `from` as its only sender.
 *
 * The text is not parsed and written again, so large numbers, escapes and spaces arrive as they were sent. Every member
 * `from` is replaced, because readers differ in which of two equal names they take.
 * @param text valid JSON, an object
 */
export function stamp(text: string, from: string): string {
	const spans = valuesOf(text, "from");
	if (spans.length === 0) return addStamp(text, from);
	const value = JSON.stringify(from);
	let stamped = "";
	let end = 0;
	for (const span of spans) {
		stamped += text.slice(end, span.start) + value;
		end = span.end;
	}
	return stamped + text.slice(end);
}

/**
 * The same for an object that is known to have members, and none of that name.
 */
export function addStamp(text: string, from: string): string {
	return `${text.slice(0, text.lastIndexOf("}"))},"from":${JSON.stringify(from)}}`;
}

interface Span {
	readonly start: number;
	/** After the last character. */
	readonly end: number;
}

/** The values of the object's own members of one name. */
function valuesOf(text: string, name: string): Span[] {
	const spans: Span[] = [];
	let at = skipSpace(text, text.indexOf("{") + 1);
	while (text[at] === '"') {
		const key: Span = { start: at, end: endOfString(text, at) };
		const start = skipSpace(text, text.indexOf(":", key.end) + 1);
		const end = endOfValue(text, start);
		// A name may be written with escapes.
		if (JSON.parse(text.slice(key.start, key.end)) === name) spans.push({ start, end });
		at = skipSpace(text, end);
		if (text[at] !== ",") break;
		at = skipSpace(text, at + 1);
	}
	return spans;
}

function skipSpace(text: string, at: number): number {
	let next = at;
	while (next < text.length && " \t\n\r".includes(text[next] as string)) next++;
	return next;
}

/** @param at the opening quotation mark */
function endOfString(text: string, at: number): number {
	let next = at + 1;
	while (text[next] !== '"') next += text[next] === "\\" ? 2 : 1;
	return next + 1;
}

function endOfValue(text: string, at: number): number {
	let depth = 0;
	let next = at;
	do {
		const character = text[next];
		if (character === '"') {
			next = endOfString(text, next);
			continue;
		}
		if (character === "{" || character === "[") depth++;
		else if (character === "}" || character === "]") depth--;
		else if (depth === 0) return endOfScalar(text, next);
		next++;
	} while (depth > 0);
	return next;
}

function endOfScalar(text: string, at: number): number {
	let next = at;
	while (next < text.length && !",}] \t\n\r".includes(text[next] as string)) next++;
	return next;
}
