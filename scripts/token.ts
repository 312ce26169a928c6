/**
 * Makes a token for tests and trials, as a backend would: signed with HS256 and the secret that it shares with the server.
 *
 * The secret comes from a file or from the standard input, never from an argument, which other users of the machine can see.
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { SignJWT } from "jose";
import { MIN_SHARED_SECRET_LENGTH } from "../lambda/adapters/token-verifier.ts";

const USAGE = `Makes a token for a server that runs with auth_mode = shared_secret, and prints it.

Usage: npm run --silent token -- --secret-file <path> [options]

  --secret-file <path>   a file whose first line is the secret; - reads it from the standard input
  --sub <peer id>        the only peer ID to join as (default: any)
  --rooms <list>         the only rooms to join, separated by commas; a trailing * matches any ending (default: all)
  --expires-in <time>    how long it is valid: 90s, 15m, 2h (default: 1h)
  --claim <name=value>   a further claim; may be repeated
  --help                 this text

For example:
  npx wscat -c "ws://localhost:8080/?token=$(npm run --silent token -- --secret-file secret.txt --sub alice)"
`;

class UsageError extends Error {}

function readSecret(file: string | undefined): Uint8Array {
	if (file === undefined) throw new UsageError("--secret-file is required.");
	let text: string;
	try {
		text = readFileSync(file === "-" ? 0 : file, "utf8");
	} catch (error) {
		throw new UsageError(`The secret cannot be read: ${(error as Error).message}`);
	}
	const secret = text.split("\n")[0]?.trim() ?? "";
	if (secret.length < MIN_SHARED_SECRET_LENGTH) {
		throw new UsageError(
			`The secret must have at least ${MIN_SHARED_SECRET_LENGTH} characters; it has ${secret.length}.`,
		);
	}
	return new TextEncoder().encode(secret);
}

const UNITS = { s: 1, m: 60, h: 3_600 } as const;

/** @returns seconds */
function readDuration(text: string): number {
	const [, amount, unit] = /^(\d+)([smh])$/.exec(text) ?? [];
	if (unit === undefined) throw new UsageError(`--expires-in must be such as 90s, 15m or 2h; got ${text}.`);
	return Number(amount) * UNITS[unit as keyof typeof UNITS];
}

function readClaims(pairs: readonly string[]): Record<string, string> {
	return Object.fromEntries(
		pairs.map((pair) => {
			const equals = pair.indexOf("=");
			if (equals < 1) throw new UsageError(`--claim must be <name>=<value>; got ${pair}.`);
			return [pair.slice(0, equals), pair.slice(equals + 1)];
		}),
	);
}

async function main(): Promise<void> {
	let values: { [name: string]: string | boolean | string[] | undefined };
	try {
		({ values } = parseArgs({
			options: {
				"secret-file": { type: "string" },
				sub: { type: "string" },
				rooms: { type: "string" },
				"expires-in": { type: "string", default: "1h" },
				claim: { type: "string", multiple: true, default: [] },
				help: { type: "boolean" },
			},
		}));
	} catch (error) {
		throw new UsageError((error as Error).message);
	}
	if (values.help) {
		console.log(USAGE);
		return;
	}
	const claims = readClaims(values.claim as string[]);
	const expiresIn = readDuration(values["expires-in"] as string);
	const secret = readSecret(values["secret-file"] as string | undefined);
	const now = Math.floor(Date.now() / 1000);
	const rooms = (values.rooms as string | undefined)?.split(",").map((room) => room.trim());
	const token = await new SignJWT({
		...claims,
		...(values.sub !== undefined && { sub: values.sub as string }),
		...(rooms !== undefined && { rooms }),
	})
		.setProtectedHeader({ alg: "HS256", typ: "JWT" })
		.setIssuedAt(now)
		.setExpirationTime(now + expiresIn)
		.sign(secret);
	console.log(token);
}

try {
	await main();
} catch (error) {
	if (!(error instanceof UsageError)) throw error;
	console.error(`${error.message}\nnpm run token -- --help lists the options.`);
	process.exitCode = 2;
}
