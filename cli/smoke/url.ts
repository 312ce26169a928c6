import { UsageError } from "../command-line/errors.ts";

/**
 * The URL of a server, as a user types or pastes it.
 * @throws UsageError
 */
export function checkedUrl(given: string): string {
	// Terraform prints the output with quotes, unless it is asked for `-raw`.
	const text = given.trim().replace(/^"(.*)"$/, "$1");
	if (/^https?:\/\//i.test(text)) {
		throw new UsageError(`A WebSocket URL starts with wss:// or ws://; try ${text.replace(/^http/i, "ws")}`);
	}
	// Without the slashes `localhost:8080` would be a URL with the scheme `localhost:`.
	if (!/^wss?:\/\//i.test(text)) {
		throw new UsageError(`The URL must start with wss:// (or ws:// for a server without TLS); got ${text}`);
	}
	if (!URL.canParse(text) || text.includes("#")) throw new UsageError(`This is not the URL of a WebSocket: ${text}`);
	return text;
}

/** Without the query: it may hold a token, and output is often kept. */
export function withoutQuery(url: string): string {
	return url.split("?")[0] ?? "";
}
