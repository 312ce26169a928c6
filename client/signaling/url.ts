import { MeshError } from "../errors.ts";

export interface TransportOptions {
	/** A WebSocket URL, or with `aws-websocket` the bare id of an API. */
	readonly url?: string | undefined;
	/** @default "prod" */
	readonly stage?: string | undefined;
	/** Needed with a bare id. */
	readonly region?: string | undefined;
	/** With `websocket`: the same as `url`, under p2pmesh's name. */
	readonly signalingServerUrl?: string | undefined;
}

/**
 * The URL to connect to. With `aws-websocket` the stage is added where the URL has no path; not to a host of one's own,
 * unless a stage is given, since a custom domain may lead to the stage by itself.
 * @throws MeshError `BAD_OPTIONS`
 */
export function signalingUrl(transportName: string, options: TransportOptions): string {
	const { stage, region } = options;
	const onAws = transportName === "aws-websocket";
	let url = onAws ? options.url : (options.signalingServerUrl ?? options.url);
	if (!url) throw bad(`A ${onAws ? "url" : "signalingServerUrl"} is needed.`);
	if (onAws && /^\w+$/.test(url)) {
		if (!region) throw bad(`A region is needed with ${url}.`);
		url = `wss://${url}.execute-api.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
	}

	if (!/^wss?:/.test(url) || !URL.canParse(url)) throw bad(`A URL with ws: or wss: is needed; got ${url}.`);
	const parsed = new URL(url);
	parsed.hash = ""; // the constructor of WebSocket throws where there is one
	if (onAws) {
		const defaultStage = parsed.hostname.includes(".execute-api.") ? "prod" : "";
		// API Gateway answers a path that goes on after the stage with 403, also where it is but a slash.
		parsed.pathname = parsed.pathname.replace(/\/+$/, "") || (stage ?? defaultStage);
	}
	return parsed.href;
}

function bad(message: string): MeshError {
	return new MeshError("BAD_OPTIONS", message);
}
