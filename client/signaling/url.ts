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
 * @returns undefined if the options name none. `urlFault` in option-faults.ts says why
 */
export function signalingUrl(transportName: string, options: TransportOptions): string | undefined {
	const { stage, region } = options;
	const onAws = transportName === "aws-websocket";
	let url = onAws ? options.url : (options.signalingServerUrl ?? options.url);
	if ([url, stage ?? "", region ?? ""].some((value) => typeof value !== "string")) return undefined;
	if (onAws && region && /^\w+$/.test(url as string)) {
		url = `wss://${url}.execute-api.${region}.amazonaws.com${region.startsWith("cn-") ? ".cn" : ""}`;
	}

	const parsed = parseUrl(url as string);
	if (parsed === undefined || !/^wss?:$/.test(parsed.protocol)) return undefined;
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
