/** Secrets that are read from a store and kept for a while. */
import type { Clock, Log, Secrets } from "../core/ports.ts";
import { cachedValue } from "./cached-value.ts";

/** Secrets that can be read again for a caller that those in force do not satisfy. */
export interface RereadableSecrets extends Secrets {
	/** Reads again, unless that was done moments ago. @returns the same array as before if nothing has changed */
	reread(): Promise<readonly string[]>;
}

export interface CachedSecretsOptions {
	/** Reads the value: one secret or two, a line each. */
	readonly read: () => Promise<string>;
	/** The place of the value, for messages. */
	readonly name: string;
	/** Fewest characters that a secret may have. @default 1 */
	readonly minLength?: number | undefined;
	readonly clock: Clock;
	readonly log: Log;
}

/** How long a value is used before it is read again, in ms: a withdrawn secret stays good for so long. */
const MAX_AGE_MS = 5 * 60_000;

/** Least time between readings, in ms. Any client can send tokens with a wrong signature. */
const COOLDOWN_MS = 5_000;

/** How long known secrets are used after a failed reading before the next one, in ms: a failure can take seconds. */
const RETRY_MS = 60_000;

const MAX_SECRETS = 2;

export function cachedSecrets({ read, name, minLength = 1, clock, log }: CachedSecretsOptions): RereadableSecrets {
	let text: string | undefined;
	return cachedValue<readonly string[]>({
		async read(known) {
			const latest = await read();
			if (known !== undefined && latest === text) return known;
			const secrets = parse(latest, name, minLength);
			text = latest;
			return secrets;
		},
		operation: `read secret ${name}`,
		maxAgeMs: MAX_AGE_MS,
		cooldownMs: COOLDOWN_MS,
		retryMs: RETRY_MS,
		firstRetryMs: 0,
		clock,
		onKept: (cause) => log.warn("secret_not_reread", { name }, cause),
	});
}

function parse(text: string, name: string, minLength: number): readonly string[] {
	const secrets = text
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "");
	if (secrets.length === 0 || secrets.length > MAX_SECRETS) {
		throw new TypeError(`${name} must hold one or two secrets, a line each; it holds ${secrets.length}.`);
	}
	const shortest = Math.min(...secrets.map((secret) => secret.length));
	if (shortest < minLength) {
		throw new TypeError(`${name} must hold secrets of at least ${minLength} characters; one has ${shortest}.`);
	}
	return secrets;
}
