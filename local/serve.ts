/** The command that runs the signaling server on this machine, without AWS. */
import { readFile } from "node:fs/promises";
import { UsageError } from "../cli/command-line/errors.ts";
import { cachedSecrets, type RereadableSecrets } from "../lambda/adapters/cached-secrets.ts";
import { lruCache } from "../lambda/adapters/lru-cache.ts";
import { memoryStore } from "../lambda/adapters/memory-store.ts";
import { nodeCrypto } from "../lambda/adapters/node-crypto.ts";
import type { Log, TokenVerifier } from "../lambda/core/ports.ts";
import { createHandler } from "../lambda/handler.ts";
import { forgetful } from "./forgetful.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { connectionLimit } from "./http-server.ts";
import { type LocalAuth, type Options, readOptions, usage } from "./options.ts";
import { textLog } from "./text-log.ts";

const clock = Date;

/** @throws UsageError if the file does not hold one or two secrets */
async function secretsIn(file: string, log: Log, minLength?: number): Promise<RereadableSecrets> {
	const secrets = cachedSecrets({ read: () => readFile(file, "utf8"), name: file, minLength, clock, log });
	try {
		await secrets.current();
	} catch (error) {
		throw new UsageError(((error as Error).cause as Error).message);
	}
	return secrets;
}

async function verifierOf(auth: LocalAuth, log: Log): Promise<TokenVerifier | undefined> {
	if (auth.mode === "none") return undefined;
	// Only here, because a server without tokens would load it for nothing.
	const { jwtVerifier, MIN_SHARED_SECRET_LENGTH, sharedSecretVerifier } = await import(
		"../lambda/adapters/token-verifier.ts"
	);
	if (auth.mode === "jwt") return jwtVerifier({ ...auth, clock, log });
	return sharedSecretVerifier(await secretsIn(auth.secretFile, log, MIN_SHARED_SECRET_LENGTH), clock);
}

async function start({ port, host, logLevel, maxIdleMs, auth, turnSecretFile, settings }: Options): Promise<Gateway> {
	const log = textLog(logLevel);
	const store = memoryStore({ clock });
	const tokens = await verifierOf(auth, log);
	const turnSecrets = turnSecretFile === undefined ? undefined : await secretsIn(turnSecretFile, log);
	const { maxConnectionAgeMs, joinDeadlineMs } = settings;
	return startGateway(
		{
			port,
			host,
			maxIdleMs,
			maxConnectionAgeMs,
			maxConnections: connectionLimit(),
			joinDeadline: {
				afterMs: joinDeadlineMs,
				hasJoined: async (connectionId) => (await store.getConnection(connectionId, "strong")) !== undefined,
			},
			log,
		},
		({ sender }) => {
			const handler = createHandler({
				store,
				sender,
				clock,
				crypto: nodeCrypto,
				log,
				settings,
				tokens,
				turnSecrets,
				createCache: lruCache,
			});
			return forgetful(handler, store);
		},
	);
}

/** The next steps, in lines that work when pasted. */
function greeting(host: string, port: number): string {
	const everywhere = ["127.0.0.1", "0.0.0.0", "::", "::1"].includes(host);
	const authority = `${everywhere ? "localhost" : host.includes(":") ? `[${host}]` : host}:${port}`;
	const url = `ws://${authority}`;
	return `Signaling on ${url}   (Ctrl+C stops it)

In a browser, in two tabs:   http://${authority}/
In two terminals, each:      npx wscat -c ${url}
  type in the first:         {"type":"join","peerId":"alice"}
  type in the second:        {"type":"join","peerId":"bob"}
                             {"type":"signal","to":"alice","data":"hello"}
Is it up:                    http://${authority}/healthz
`;
}

function explain(error: unknown, { host, port }: Options, program: string): string {
	if (error instanceof UsageError) return error.message;
	const code = (error as { code?: unknown }).code;
	if (code === "EADDRINUSE") {
		const other = port < 65_535 ? port + 1 : port - 1;
		return `Port ${port} on ${host} is in use. Stop what uses it, or choose another port: ${program} --port ${other}`;
	}
	if (code === "EACCES")
		return `Port ${port} may not be used by this user. Choose one above 1023: ${program} --port 8080`;
	if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `${host} is not an address of this machine.`;
	return String((error as Error).stack ?? error);
}

/**
 * Runs the server until a signal ends the process. Sets the exit code.
 * @param program the words before the options, for the help text
 */
export async function serve(args: string[], program: string): Promise<void> {
	// A full disk or a reader that went away costs lines of the log, and must not end the server.
	for (const stream of [process.stdout, process.stderr]) stream.on("error", () => {});

	let options: Options;
	try {
		options = readOptions(args);
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		console.error(`${error.message}\n${program} --help lists the options.`);
		process.exitCode = 2;
		return;
	}
	if (options.help) {
		console.log(usage(program));
		return;
	}

	let gateway: Gateway;
	try {
		gateway = await start(options);
	} catch (error) {
		console.error(explain(error, options, program));
		process.exitCode = error instanceof UsageError ? 2 : 1;
		return;
	}
	console.log(greeting(options.host, gateway.port));

	const stop = () => {
		// A second signal ends the process at once, which is Node's default without a listener.
		process.off("SIGINT", stop).off("SIGTERM", stop);
		console.log(`Closing ${gateway.connectionCount()} connections.`);
		void gateway.close();
	};
	process.on("SIGINT", stop).on("SIGTERM", stop);
}
