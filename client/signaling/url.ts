import { badOptions } from "../errors.ts";

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
 * The URL to connect to. With `aws-websocket` the stage is added if the URL has no path; to a custom domain only if a stage is
 * given, since such a domain may lead to the stage by itself.
 * @throws MeshError `BAD_OPTIONS`
 */
export function signalingUrl(transportName: string, options: TransportOptions): string {
	const { stage, region } = options;
	const onAws = transportName === "aws-websocket";
	let url = onAws ? options.url : (options.signalingServerUrl ?? options.url);
	if (!url) throw badOptions(`A ${onAws ? "url" : "signalingServerUrl"} is needed.`);
	for (const value of [url, stage ?? "", region ?? ""]) {
		if (typeof value !== "string") throw badOptions(`url, stage and region must be strings; got ${typeof value}.`);
	}
	if (onAws && /^\w+$/.test(url)) {
		if (!region) throw badOptions(`A region is needed with ${url}.`);
		url = `wss://${url}.execute-api.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
	}

	const parsed = parseUrl(url);
	if (parsed === undefined || !/^wss?:/.test(url)) throw badOptions(`A URL with ws: or wss: is needed; got ${url}.`);
	parsed.hash = ""; // the constructor of WebSocket throws if there is one
	if (onAws) {
		const defaultStage = parsed.hostname.includes(".execute-api.") ? "prod" : "";
		// API Gateway answers 403 to a path that continues after the stage, even with a slash only.
		parsed.pathname = parsed.pathname.replace(/\/+$/, "") || (stage ?? defaultStage);
	}
	return parsed.href;
}

/** `URL.canParse` would be missing in Safari before 17. */
function parseUrl(url: string): URL | undefined {
	try {
		return new URL(url);
	} catch {
		return undefined;
	}
}
