/** The command line of `npm start`. */
import { parseArgs } from "node:util";
import { AUTH_MODES, DEFAULT_SETTINGS, DUPLICATE_PEER_POLICIES, LOG_LEVELS, splitList } from "../lambda/config.ts";
import type { Settings } from "../lambda/core/ports.ts";
import { MAX_IDLE_MS } from "../protocol/index.ts";

const defaults = DEFAULT_SETTINGS;

export const USAGE = `Runs the signaling server on this machine.

Usage: npm start -- [options]

  --port <n>                       TCP port, 0 for any free one (default: 8080, or PORT)
  --host <address>                 address to listen on; 0.0.0.0 lets other machines in (default: 127.0.0.1)
  --log-level <level>              ${LOG_LEVELS.join(", ")} (default: info)

Who may connect
  --allowed-origins <list>         origins that may connect, separated by commas: exact ones such as
                                   https://app.example.com, https://*.example.com, or * (default: *)
  --allow-missing-origin <yes|no>  whether clients without an Origin header, such as wscat, may connect (default: yes)
  --auth-mode <mode>               whether clients need a token: none, jwt, shared_secret (default: none)
  --auth-at-connect <yes|no>       whether the token has to come with the connection and not only with the join
                                   (default: no)
  --auth-peer-id-claim <claim>     claim that holds the only peer ID to join as, "" for none (default: ${defaults.tokens.peerIdClaim})
  --auth-rooms-claim <claim>       claim that lists the only rooms to join, "" for none (default: ${defaults.tokens.roomsClaim})
  --auth-secret-file <path>        with shared_secret: a file with one or two secrets, a line each
  --jwt-issuer <url>               with jwt: what iss must be
  --jwt-audience <list>            with jwt: what aud must be one of
  --jwt-jwks-url <url>             with jwt: where the issuer's keys are (default: <issuer>/.well-known/jwks.json)

Peers
  --duplicate-peer-policy <p>      who gets an ID that two clients want: replace (the newer) or reject (the older)
                                   (default: ${defaults.duplicatePeerPolicy})
  --nearest-peers <n>              how many nearest peers a newcomer is introduced to (default: ${defaults.nearestPeers})
  --far-peers <n>                  how many peers around random keys as well (default: ${defaults.farPeers})
  --stun-urls <list>               STUN servers that peers are told of, separated by commas
  --turn-urls <list>               TURN servers, likewise; they need --turn-secret-file
  --turn-secret-file <path>        a file with the secret that the TURN servers share (coturn: static-auth-secret)

Limits
  --client-rate-limit <n>          messages per second that one client may send on average (default: ${defaults.frameRate.perSecond})
  --client-burst-limit <n>         messages that it may send at once (default: ${defaults.frameRate.burst})
  --join-deadline <seconds>        after which a client that has not joined is closed (default: ${defaults.joinDeadlineMs / 1000})
  --max-connection-age <seconds>   age at which a connection is ended, as API Gateway does (default: ${defaults.maxConnectionAgeMs / 1000})
  --idle-timeout <seconds>         silence after which a connection is ended, as API Gateway does (default: ${MAX_IDLE_MS / 1000})

  --help                           this text
`;

/** What the command line asks for is wrong. */
export class UsageError extends Error {
	override readonly name = "UsageError";
}

/** By what tokens are verified. */
export type LocalAuth =
	| { readonly mode: "none" }
	| { readonly mode: "jwt"; readonly issuer: string; readonly audience: readonly string[]; readonly jwksUrl: string }
	| { readonly mode: "shared_secret"; readonly secretFile: string };

export interface Options {
	readonly help: boolean;
	readonly port: number;
	readonly host: string;
	readonly logLevel: (typeof LOG_LEVELS)[number];
	readonly maxIdleMs: number;
	readonly auth: LocalAuth;
	readonly turnSecretFile?: string | undefined;
	readonly settings: Settings;
}

const NAMES = [...USAGE.matchAll(/^ {2}--([a-z-]+) </gm)].map((match) => match[1] as string);

/** @throws UsageError */
export function readOptions(args: string[], env: Readonly<Record<string, string | undefined>> = process.env): Options {
	let values: Record<string, string | boolean | undefined>;
	try {
		({ values } = parseArgs({
			args,
			options: {
				...Object.fromEntries(NAMES.map((name) => [name, { type: "string" as const }])),
				help: { type: "boolean" },
			},
		}));
	} catch (error) {
		throw new UsageError((error as Error).message);
	}

	const text = (name: string): string | undefined => values[name] as string | undefined;
	const whole = (name: string, lowest: number, highest: number, fallback: number | string): number => {
		const given = text(name) ?? fallback;
		const number = given === "" ? Number.NaN : Number(given);
		if (!Number.isInteger(number) || number < lowest || number > highest) {
			throw new UsageError(`--${name} must be a whole number from ${lowest} to ${highest}; got ${given}.`);
		}
		return number;
	};
	const choice = <T extends string>(name: string, choices: readonly T[], fallback: T): T => {
		const given = text(name) ?? fallback;
		if (!(choices as readonly unknown[]).includes(given)) {
			throw new UsageError(`--${name} must be one of ${choices.join(", ")}; got ${given}.`);
		}
		return given as T;
	};
	const yes = (name: string, fallback: boolean): boolean =>
		choice(name, ["yes", "no"], fallback ? "yes" : "no") === "yes";
	const needed = (name: string, why: string): string => {
		const given = text(name);
		if (!given) throw new UsageError(`--${name} is needed ${why}.`);
		return given;
	};
	const auth = (): LocalAuth => {
		const mode = choice("auth-mode", AUTH_MODES, "none");
		const why = `with --auth-mode ${mode}`;
		if (mode === "shared_secret") return { mode, secretFile: needed("auth-secret-file", why) };
		if (mode === "none") return { mode };
		const issuer = needed("jwt-issuer", why);
		const jwksUrl = text("jwt-jwks-url") ?? `${issuer.replace(/\/$/, "")}/.well-known/jwks.json`;
		if (!URL.canParse(jwksUrl)) throw new UsageError(`--jwt-jwks-url must be a URL; got ${jwksUrl}.`);
		return { mode, issuer, audience: splitList(needed("jwt-audience", why)), jwksUrl };
	};
	const turnUrls = splitList(text("turn-urls") ?? "");

	return {
		help: values.help === true,
		port: whole("port", 0, 65_535, env.PORT || 8080),
		host: text("host") ?? "127.0.0.1",
		logLevel: choice("log-level", LOG_LEVELS, "info"),
		maxIdleMs: whole("idle-timeout", 1, 86_400, MAX_IDLE_MS / 1000) * 1000,
		auth: auth(),
		turnSecretFile: turnUrls.length > 0 ? needed("turn-secret-file", "with --turn-urls") : undefined,
		settings: {
			...defaults,
			nearestPeers: whole("nearest-peers", 1, 16, defaults.nearestPeers),
			farPeers: whole("far-peers", 0, 8, defaults.farPeers),
			duplicatePeerPolicy: choice("duplicate-peer-policy", DUPLICATE_PEER_POLICIES, defaults.duplicatePeerPolicy),
			allowedOrigins: splitList(text("allowed-origins") ?? defaults.allowedOrigins.join(",")),
			allowMissingOrigin: yes("allow-missing-origin", defaults.allowMissingOrigin),
			maxConnectionAgeMs: whole("max-connection-age", 1, 86_400, defaults.maxConnectionAgeMs / 1000) * 1000,
			joinDeadlineMs: whole("join-deadline", 1, 7_200, defaults.joinDeadlineMs / 1000) * 1000,
			frameRate: {
				perSecond: whole("client-rate-limit", 1, 10_000, defaults.frameRate.perSecond),
				burst: whole("client-burst-limit", 1, 10_000, defaults.frameRate.burst),
			},
			tokens: {
				peerIdClaim: text("auth-peer-id-claim") ?? defaults.tokens.peerIdClaim,
				roomsClaim: text("auth-rooms-claim") ?? defaults.tokens.roomsClaim,
				requiredToConnect: yes("auth-at-connect", defaults.tokens.requiredToConnect),
			},
			stunUrls: splitList(text("stun-urls") ?? ""),
			turnUrls,
		},
	};
}
