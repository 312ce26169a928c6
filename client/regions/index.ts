/** A mesh over several deployments of the server. Loaded only if `regions` is given. */
import type { Environment } from "../environment.ts";
import type { SessionHost } from "../mesh/peer.ts";
import type { MeshOptions } from "../options.ts";
import type { Session, SessionOptions } from "../signaling/index.ts";
import { readRegions } from "./read.ts";
import { RegionalSession } from "./session.ts";

export type OpenSession = (options: SessionOptions, environment: Environment, host: SessionHost) => Session;

/** @returns sentences about the faults of the options, if there are any */
export async function regionalSessions(options: MeshOptions): Promise<OpenSession | string> {
	const regions = await readRegions(options);
	if (typeof regions === "string") return regions;
	return (sessionOptions, environment, host) => new RegionalSession(regions, sessionOptions, environment, host);
}
