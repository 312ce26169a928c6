/** Secrets that are read from somewhere and kept for a while. */
import { type Clock, DependencyError, type Log, type Secrets } from "../core/ports.ts";

/** Secrets that can be asked for anew, by somebody for whom those in force do not fit. */
export interface RereadableSecrets extends Secrets {
	/** Reads again, unless that was done moments ago. @returns the same array as before where nothing has changed */
	reread(): Promise<readonly string[]>;
}

export interface CachedSecretsOptions {
	/** Reads the value: one secret or two, a line each. */
	readonly read: () => Promise<string>;
	/** Where the value is, for messages. */
	readonly name: string;
	/** Fewest characters that a secret may have. @default 1 */
	readonly minLength?: number | undefined;
	readonly clock: Clock;
	readonly log: Log;
}

/** How long a value is used before it is read again, in ms: for so long a withdrawn secret is still good. */
const MAX_AGE_MS = 5 * 60_000;

/** Least time between readings, in ms. Anybody can send tokens whose signature is wrong. */
const COOLDOWN_MS = 5_000;

const MAX_SECRETS = 2;

/** Where a later reading fails, what was read before stays in force. */
export function cachedSecrets({ read, name, minLength = 1, clock, log }: CachedSecretsOptions): RereadableSecrets {
	let known: { readonly secrets: readonly string[]; readonly text: string } | undefined;
	let readAt = Number.NEGATIVE_INFINITY;
	let reading: Promise<readonly string[]> | undefined;

	const readNow = async (): Promise<readonly string[]> => {
		readAt = clock.now();
		try {
			const text = await read();
			if (text !== known?.text) known = { secrets: parse(text, name, minLength), text };
		} catch (cause) {
			if (known === undefined) throw new DependencyError(`read secret ${name}`, { cause });
			log.warn("secret_not_reread", { name }, cause);
		}
		return known.secrets;
	};

	/** At most one reading at a time: what waits for it takes its result. */
	const refresh = () => (reading ??= readNow().finally(() => (reading = undefined)));

	return {
		async current() {
			if (known === undefined || clock.now() - readAt > MAX_AGE_MS) return refresh();
			return known.secrets;
		},
		async reread() {
			if (known !== undefined && clock.now() - readAt < COOLDOWN_MS) return known.secrets;
			return refresh();
		},
	};
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
