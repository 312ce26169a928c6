/** The option `regions`: read once, and every fault reported at once. */
import { loaded } from "../errors.ts";
import { isObject } from "../json.ts";
import { MAX_REGIONS } from "../limits.ts";
import type { MeshOptions } from "../options.ts";
import { signalingUrl } from "../signaling/url.ts";
import { hash } from "./rank.ts";

/** A deployment of the server. */
export interface Region {
	readonly url: string;
	/** What people call it. */
	readonly name: string;
	/** The same for every client, however it spells the URL. */
	readonly id: string;
	/** A short form of the id, for frames to other peers. */
	readonly mark: string;
}

export interface Regions {
	readonly regions: readonly Region[];
	readonly home: "room" | "nearest";
}

/** @returns sentences about the faults of the options, if there are any */
export async function readRegions(options: MeshOptions): Promise<Regions | string> {
	const { regions: given, home = "room", signalingServerUrl, transportOptions } = options;
	const faults: string[] = [];
	const isList = Array.isArray(given) && given.length >= 1 && given.length <= MAX_REGIONS;
	if (!isList) faults.push(`regions must be a list of 1 to ${MAX_REGIONS} URLs.`);
	if (!["room", "nearest"].includes(home)) faults.push(`home must be room or nearest; got ${describe(home)}.`);
	if (signalingServerUrl ?? transportOptions?.url ?? transportOptions?.signalingServerUrl) {
		faults.push("regions takes the place of the server's URL: give one of them.");
	}
	const regions: Region[] = [];
	for (const [index, entry] of (isList ? given : []).entries()) {
		const region = await readRegion(entry);
		if (typeof region === "string") faults.push(`regions[${index}]: ${region}`);
		else if (regions.some(({ id }) => id === region.id)) faults.push(`regions names ${region.id} twice.`);
		else regions.push(region);
	}
	return faults.length > 0 ? faults.join(" ") : { regions, home };
}

async function readRegion(entry: unknown): Promise<Region | string> {
	const fields = typeof entry === "string" ? { url: entry } : entry;
	if (!isObject(fields)) return `A URL or an object is needed; got ${describe(entry)}.`;
	const { name } = fields;
	if (name !== undefined && (typeof name !== "string" || name === "")) return "name must be a text.";
	const transportName = "aws-websocket";
	const url = signalingUrl(transportName, fields);
	if (url === undefined) {
		const { urlFault } = await loaded(import("../option-faults.ts"));
		return urlFault({ ...fields, transportName });
	}
	const id = idOf(url);
	return { url, id, name: name ?? nameOf(id), mark: hash(id).toString(16).padStart(8, "0") };
}

/** The host and the path. A query may hold a token, which differs from client to client. */
function idOf(url: string): string {
	const { hostname, port, pathname } = new URL(url);
	return `${hostname.replace(/\.$/, "")}${port && `:${port}`}${pathname.replace(/\/+$/, "")}`;
}

/** The region of API Gateway's hosts, or the host. */
function nameOf(id: string): string {
	const [host = id] = id.split("/");
	return /\.execute-api\.([\w-]+)\.amazonaws\./.exec(host)?.[1] ?? host;
}

function describe(value: unknown): string {
	return isObject(value) ? "an object" : String(value);
}
