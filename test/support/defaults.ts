import { lruCache } from "../../lambda/adapters/lru-cache.ts";
import { memoryStore } from "../../lambda/adapters/memory-store.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import type { Dependencies, Log, PeerSender } from "../../lambda/core/ports.ts";
import type { Settings } from "../../lambda/core/settings.ts";
import { DEFAULT_SETTINGS } from "../../lambda/core/settings.ts";

/** The defaults of a deployment, with the changes of a test. */
export function someSettings(changes: Partial<Settings> = {}): Settings {
	return { ...DEFAULT_SETTINGS, ...changes };
}

/** For tests in which one client sends more than it would be allowed. */
export const AMPLE_RATES: Partial<Settings> = {
	clientRateLimit: 1e6,
	clientBurstLimit: 1e6,
	searchRateLimit: 1e6,
	searchBurstLimit: 1e6,
};

/** A log that keeps its lines. */
export function someLog(): Log & {
	readonly lines: { level: string; event: string; fields: unknown; cause?: unknown }[];
} {
	const lines: { level: string; event: string; fields: unknown; cause?: unknown }[] = [];
	const at = (level: string) => (event: string, fields?: unknown, cause?: unknown) =>
		void lines.push({ level, event, fields, cause });
	return { lines, debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

/** The dependencies of a handler, all in memory. */
export function someDependencies(sender: PeerSender, settings: Partial<Settings> = {}): Dependencies {
	return {
		store: memoryStore({ clock: Date }),
		sender,
		clock: Date,
		crypto: nodeCrypto,
		log: someLog(),
		settings: someSettings(settings),
		createCache: lruCache,
	};
}
