/** The servers that are compared, and how each is started as its users start it. */
import { fileURLToPath } from "node:url";
import type { DialectName } from "./dialects.ts";

export interface Contestant {
	readonly name: string;
	readonly dialect: DialectName;
	/** The arguments of Node.js, and variables of the environment. */
	command(port: number): { readonly args: string[]; readonly env?: Readonly<Record<string, string>> };
	/** Output that says that it listens. */
	readonly ready: RegExp;
	/** Whether it sends a newcomer all peers of the room, so that a large room cannot be filled. */
	readonly introducesAll?: boolean;
}

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const peers = (relative: string) => path(`../node_modules/${relative}`);

/**
 * So many frames of a client that its limits do not end the measurement, and the limits stay on. A join counts as 20 frames, as by
 * default; by the rate of frames alone it would count as so many that each is reported to the store.
 */
const LIMITS = ["--client-rate-limit", "10000", "--client-burst-limit", "10000", "--search-rate-limit", "500"];

export const BARE = "bare relay";
export const INTRODUCING = "introducing relay";
export const OURS = "this server";
export const UNBUNDLED = "this server, by tsx";

export const CONTESTANTS: readonly Contestant[] = [
	{
		name: BARE,
		dialect: "p2pmesh",
		command: () => ({ args: [path("bare-relay.mjs")] }),
		ready: /ws:\S+/,
	},
	{
		name: INTRODUCING,
		dialect: "p2pmesh",
		command: () => ({ args: [path("bare-relay.mjs"), "--introduce"] }),
		ready: /ws:\S+/,
	},
	{
		name: OURS,
		dialect: "p2pmesh",
		command: () => ({ args: [path("../../scripts/start.mjs"), "--port", "0", ...LIMITS] }),
		ready: /ws:\S+/,
	},
	{
		name: UNBUNDLED,
		dialect: "p2pmesh",
		command: () => ({ args: ["--import", "tsx", path("../../local/main.ts"), "--port", "0", ...LIMITS] }),
		ready: /ws:\S+/,
	},
	{
		name: "PeerJS",
		dialect: "peerjs",
		command: (port) => ({
			args: [
				peers("peer/dist/bin/peerjs.js"),
				...[
					"--port",
					String(port),
					"--host",
					"127.0.0.1",
					"--concurrent_limit",
					"100000",
					"--alive_timeout",
					"3600000",
				],
			],
		}),
		ready: /Started PeerServer/,
	},
	{
		name: "y-webrtc",
		dialect: "yWebrtc",
		command: (port) => ({ args: [peers("y-webrtc/bin/server.js")], env: { PORT: String(port) } }),
		ready: /running on localhost/,
	},
	{
		name: "PeerPigeon",
		dialect: "peerpigeon",
		command: (port) => ({
			args: [peers("peerpigeon/server/start.js")],
			env: { PORT: String(port), HOST: "127.0.0.1", MAX_CONNECTIONS: "100000" },
		}),
		ready: /ws:\S+/,
		introducesAll: true,
	},
	{
		name: "bittorrent-tracker",
		dialect: "tracker",
		command: (port) => ({ args: [path("tracker.mjs"), String(port)] }),
		ready: /ws:\S+/,
	},
];

export function contestant(name: string): Contestant {
	const found = CONTESTANTS.find((each) => each.name === name);
	if (found === undefined) throw new Error(`There is no server ${name}.`);
	return found;
}
