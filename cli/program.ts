import { readFileSync } from "node:fs";
import type { Program } from "./command-line/run.ts";
import { cost } from "./commands/cost.ts";
import { doctor } from "./commands/doctor.ts";
import { kick } from "./commands/kick.ts";
import { peers } from "./commands/peers.ts";
import { rooms } from "./commands/rooms.ts";
import { serve } from "./commands/serve.ts";
import { smoke } from "./commands/smoke.ts";
import { token } from "./commands/token.ts";

/** The same path leads to the package's file from dist/, and to the repository's from here. */
const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
	version: string;
};

export const PROGRAM: Program = {
	name: "npx p2pmesh-signaling",
	version,
	summary: "Runs a signaling server for WebRTC meshes on this machine, and looks after one in AWS.",
	/** In the order of the help text. */
	commands: [serve, smoke, doctor, token, rooms, peers, kick, cost],
};
