/** The command line behind `npm start`: the signaling server on this machine, without AWS. */
import { parseArgs } from "node:util";
import { lruCache } from "../lambda/adapters/lru-cache.ts";
import { memoryPeerStore } from "../lambda/adapters/memory-peer-store.ts";
import { nodeCrypto } from "../lambda/adapters/node-crypto.ts";
import { DUPLICATE_PEER_POLICIES, LOG_LEVELS, splitList } from "../lambda/config.ts";
import { FAR_PEERS, MAX_CONNECTION_AGE_MS, MAX_IDLE_MS, NEAREST_PEERS } from "../lambda/core/limits.ts";
import { createHandler } from "../lambda/handler.ts";
import { type Gateway, startGateway } from "./gateway.ts";
import { textLog } from "./text-log.ts";

const USAGE = `Runs the signaling server on this machine.

Usage: npm start -- [options]

  --port <n>                       TCP port, 0 for any free one (default: 8080, or PORT)
  --host <address>                 address to listen on; 0.0.0.0 lets other machines in (default: 127.0.0.1)
  --allowed-origins <list>         origins that may connect, separated by commas: exact ones such as
                                   https://app.example.com, https://*.example.com, or * (default: *)
  --allow-missing-origin <yes|no>  whether clients without an Origin header, such as wscat, may connect (default: yes)
  --duplicate-peer-policy <p>      who gets an ID that two clients want: replace (the newer) or reject (the older)
                                   (default: replace)
  --nearest-peers <n>              how many nearest peers a newcomer is introduced to (default: ${NEAREST_PEERS})
  --far-peers <n>                  how many peers around random keys as well (default: ${FAR_PEERS})
  --max-connection-age <seconds>   age at which a connection is ended, as API Gateway does (default: ${MAX_CONNECTION_AGE_MS / 1000})
  --idle-timeout <seconds>         silence after which a connection is ended, as API Gateway does (default: ${MAX_IDLE_MS / 1000})
  --log-level <level>              ${LOG_LEVELS.join(", ")} (default: info)
  --help                           this text
`;

/** What the command line asks for is wrong. */
class UsageError extends Error {
	override readonly name = "UsageError";
}

function readOptions(args: string[]) {
	let values: Record<string, string | boolean | undefined>;
	try {
		({ values } = parseArgs({
			args,
			options: {
				port: { type: "string" },
				host: { type: "string" },
				"allowed-origins": { type: "string" },
				"allow-missing-origin": { type: "string" },
				"duplicate-peer-policy": { type: "string" },
				"nearest-peers": { type: "string" },
				"far-peers": { type: "string" },
				"max-connection-age": { type: "string" },
				"idle-timeout": { type: "string" },
				"log-level": { type: "string" },
				help: { type: "boolean" },
			},
		}));
	} catch (error) {
		throw new UsageError((error as Error).message);
	}

	const whole = (name: string, lowest: number, highest: number, fallback: number | string): number => {
		const given = values[name] ?? fallback;
		const number = given === "" ? Number.NaN : Number(given);
		if (!Number.isInteger(number) || number < lowest || number > highest) {
			throw new UsageError(`--${name} must be a whole number from ${lowest} to ${highest}; got ${given}.`);
		}
		return number;
	};
	const choice = <T extends string>(name: string, choices: readonly T[], fallback: T): T => {
		const given = values[name] ?? fallback;
		if (!(choices as readonly unknown[]).includes(given)) {
			throw new UsageError(`--${name} must be one of ${choices.join(", ")}; got ${given}.`);
		}
		return given as T;
	};

	return {
		help: values.help === true,
		port: whole("port", 0, 65_535, process.env.PORT || 8080),
		host: String(values.host ?? "127.0.0.1"),
		logLevel: choice("log-level", LOG_LEVELS, "info"),
		maxIdleMs: whole("idle-timeout", 1, 86_400, MAX_IDLE_MS / 1000) * 1000,
		settings: {
			nearestPeers: whole("nearest-peers", 1, 16, NEAREST_PEERS),
			farPeers: whole("far-peers", 0, 8, FAR_PEERS),
			duplicatePeerPolicy: choice("duplicate-peer-policy", DUPLICATE_PEER_POLICIES, "replace"),
			allowedOrigins: splitList(String(values["allowed-origins"] ?? "*")),
			allowMissingOrigin: choice("allow-missing-origin", ["yes", "no"], "yes") === "yes",
			maxConnectionAgeMs: whole("max-connection-age", 1, 86_400, MAX_CONNECTION_AGE_MS / 1000) * 1000,
		},
	};
}

type Options = ReturnType<typeof readOptions>;

function start({ port, host, logLevel, maxIdleMs, settings }: Options): Promise<Gateway> {
	const log = textLog(logLevel);
	const clock = Date;
	return startGateway({ port, host, maxIdleMs, maxConnectionAgeMs: settings.maxConnectionAgeMs, log }, ({ sender }) =>
		createHandler({
			store: memoryPeerStore({ clock }),
			sender,
			clock,
			crypto: nodeCrypto,
			log,
			settings,
			caches: { identities: lruCache(), locations: lruCache() },
		}),
	);
}

/** What to try next, in lines that work when pasted. */
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

function explain(error: unknown, { host, port }: Options): string {
	const code = (error as { code?: unknown }).code;
	if (code === "EADDRINUSE") {
		const other = port < 65_535 ? port + 1 : port - 1;
		return `Port ${port} on ${host} is in use. Stop what uses it, or choose another port: npm start -- --port ${other}`;
	}
	if (code === "EACCES")
		return `Port ${port} may not be used by this user. Choose one above 1023: npm start -- --port 8080`;
	if (code === "EADDRNOTAVAIL" || code === "ENOTFOUND") return `${host} is not an address of this machine.`;
	return String((error as Error).stack ?? error);
}

async function main(): Promise<void> {
	let options: Options;
	try {
		options = readOptions(process.argv.slice(2));
	} catch (error) {
		if (!(error instanceof UsageError)) throw error;
		console.error(`${error.message}\nnpm start -- --help lists the options.`);
		process.exitCode = 2;
		return;
	}
	if (options.help) {
		console.log(USAGE);
		return;
	}

	let gateway: Gateway;
	try {
		gateway = await start(options);
	} catch (error) {
		console.error(explain(error, options));
		process.exitCode = 1;
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

await main();
