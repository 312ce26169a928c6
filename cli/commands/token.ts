import { readFile } from "node:fs/promises";
import { SignJWT } from "jose";
import { MIN_SHARED_SECRET_LENGTH } from "../../lambda/adapters/token-verifier.ts";
import { declare } from "../command-line/command.ts";
import type { Console } from "../command-line/console.ts";
import { UsageError } from "../command-line/errors.ts";
import { EXIT } from "../command-line/exit-codes.ts";
import { text, texts } from "../command-line/options.ts";

export const token = declare({
	name: "token",
	summary: "Makes a token for a server that runs with auth_mode = shared_secret, and prints it.",
	options: {
		secretFile: text({
			value: "path",
			sentence: "a file whose first line is the secret; - reads it from the standard input (needed)",
		}),
		sub: text({
			value: "peer id",
			sentence: "the only peer ID to join as; by default the server refuses a token that names none",
		}),
		rooms: text({
			value: "list",
			sentence:
				"the only rooms to join, separated by commas; a trailing * matches any ending; by default the server refuses a token that names none",
		}),
		expiresIn: text({ value: "time", sentence: "how long it is valid, such as 90s, 15m, 2h (default: 1h)" }),
		claim: texts({ value: "name=value", sentence: "a further claim; may be repeated" }),
	},
	remarks: [
		"The secret comes from a file or from the standard input, never from an argument, which other users of the machine can see.",
	],
	examples: [
		"npx p2pmesh-signaling token --secret-file secret.txt --sub alice --rooms 'lobby,team-*' --expires-in 15m",
	],

	async run({ values }, console) {
		const claims = readClaims(values.claim);
		const expiresIn = readDuration(values.expiresIn ?? "1h");
		const secret = await readSecret(values.secretFile, console);
		const now = Math.floor(Date.now() / 1000);
		const rooms = values.rooms?.split(",").map((room) => room.trim());
		const expiresAt = now + expiresIn;
		const signed = await new SignJWT({
			...claims,
			...(values.sub !== undefined && { sub: values.sub }),
			...(rooms !== undefined && { rooms }),
		})
			.setProtectedHeader({ alg: "HS256", typ: "JWT" })
			.setIssuedAt(now)
			.setExpirationTime(expiresAt)
			.sign(secret);
		console.line(signed);
		return { exitCode: EXIT.ok, data: { token: signed, expiresAt } };
	},
});

/** @throws UsageError */
async function readSecret(file: string | undefined, console: Console): Promise<Uint8Array> {
	if (file === undefined) throw new UsageError("--secret-file is required.");
	let content: string;
	try {
		content = file === "-" ? await console.input() : await readFile(file, "utf8");
	} catch (error) {
		throw new UsageError(`The secret cannot be read: ${(error as Error).message}`);
	}
	const secret = content.split("\n")[0]?.trim() ?? "";
	if (secret.length < MIN_SHARED_SECRET_LENGTH) {
		throw new UsageError(
			`The secret must have at least ${MIN_SHARED_SECRET_LENGTH} characters; it has ${secret.length}.`,
		);
	}
	return new TextEncoder().encode(secret);
}

const UNITS = { s: 1, m: 60, h: 3_600 } as const;

/** @returns seconds */
function readDuration(given: string): number {
	const [, amount, unit] = /^(\d+)([smh])$/.exec(given) ?? [];
	if (unit === undefined) throw new UsageError(`--expires-in must be such as 90s, 15m or 2h; got ${given}.`);
	return Number(amount) * UNITS[unit as keyof typeof UNITS];
}

/** @throws UsageError */
function readClaims(pairs: readonly string[]): Record<string, string> {
	return Object.fromEntries(
		pairs.map((pair) => {
			const equals = pair.indexOf("=");
			if (equals < 1) throw new UsageError(`--claim must be <name>=<value>; got ${pair}.`);
			return [pair.slice(0, equals), pair.slice(equals + 1)];
		}),
	);
}
