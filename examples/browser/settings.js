/** The settings, and their form in the hash of the page's URL, so that users can share a link to a room. */

/** @typedef {"local" | "aws" | "custom"} Deployment */

/**
 * @typedef {object} Settings
 * @property {Deployment} deployment
 * @property {string} url of the server; "" with `local`: it follows from the page. Several are separated by line breaks
 * @property {string} room
 * @property {number} maxPeers
 */

/**
 * @typedef {object} AwsApi
 * @property {string} apiId
 * @property {string} region
 * @property {string} stage
 */

/** @type {Settings} */
export const DEFAULTS = { deployment: "local", url: "", room: "default", maxPeers: 8 };

/** @type {AwsApi} */
export const AWS_DEFAULTS = { apiId: "", region: "us-east-1", stage: "prod" };

/**
 * @param {string} hash with or without its #
 * @returns {Settings}
 */
export function readHash(hash) {
	const fields = new URLSearchParams(hash.replace(/^#/, ""));
	const maxPeers = Number(fields.get("max"));
	const settings = {
		url: listed(fields.get("url") ?? "").join("\n"),
		room: fields.get("room") || DEFAULTS.room,
		maxPeers: Number.isInteger(maxPeers) && maxPeers >= 1 ? maxPeers : DEFAULTS.maxPeers,
	};
	const named = fields.get("deployment");
	if (named === "aws" || named === "custom") return { ...settings, deployment: named };
	return { ...settings, deployment: "local", url: "" };
}

/**
 * The hash that `readHash` reads, without default values and without any token.
 * @param {Settings} settings
 */
export function writeHash({ deployment, url, room, maxPeers }) {
	const fields = new URLSearchParams();
	if (deployment !== DEFAULTS.deployment) {
		fields.set("deployment", deployment);
		fields.set("url", listed(url).map(withoutToken).join(" "));
	}
	if (room !== DEFAULTS.room) fields.set("room", room);
	if (maxPeers !== DEFAULTS.maxPeers) fields.set("max", String(maxPeers));
	return fields.size === 0 ? "" : `#${fields}`;
}

/** @param {string} url */
function withoutToken(url) {
	if (!URL.canParse(url)) return url;
	const parsed = new URL(url);
	if (!parsed.searchParams.has("token")) return url;
	parsed.searchParams.delete("token");
	return parsed.href;
}

/**
 * @param {AwsApi} api
 * @returns {string} "" if there is no id yet
 */
export function awsUrl({ apiId, region, stage }) {
	if (apiId === "") return "";
	const suffix = region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
	return `wss://${apiId}.execute-api.${region}.${suffix}/${stage}`;
}

/**
 * Takes a URL of API Gateway apart, as the console and `terraform output` show it.
 * @param {string} url
 * @returns {AwsApi | undefined} undefined for any other
 */
export function readAwsUrl(url) {
	const [, apiId, region, stage = AWS_DEFAULTS.stage] =
		/^(?:wss|https):\/\/(\w+)\.execute-api\.([\w-]+)\.amazonaws\.com(?:\.cn)?(?:\/([\w-]+))?\/?$/.exec(url.trim()) ??
		[];
	return apiId === undefined || region === undefined ? undefined : { apiId, region, stage };
}

/**
 * The server that a user typed or pasted, as a URL: `"wss://…"` with the quotes of `terraform output`, its whole line
 * `websocket_url = "wss://…"`, a host without `wss://`, an `https://` URL, or a bare API id.
 * @param {string} text
 * @param {AwsApi} [api] the region and the stage of a bare API id; without it such an id is a host
 */
export function readServer(text, api) {
	const quotes = /^[\s"'`“”‘’]+|[\s"'`“”‘’,;]+$/g;
	const server = text
		.replace(quotes, "")
		.replace(/^\w+\s*=\s*/, "")
		.replace(quotes, "");
	if (api !== undefined && /^\w+$/.test(server)) return awsUrl({ ...api, apiId: server.toLowerCase() });
	const [, scheme, rest = server] = /^([a-z]+):\/\/(.*)$/i.exec(server) ?? [];
	if (scheme !== undefined)
		return `${{ http: "ws", https: "wss" }[scheme.toLowerCase()] ?? scheme.toLowerCase()}://${rest}`;
	if (!/^(?:[\w-]+(?:\.[\w-]+)*\.?|\[[\da-f:]+\])(?::\d+)?(?:[/?].*)?$/i.test(server)) return server;
	return `${isNear(server) ? "ws" : "wss"}://${server}`;
}

/**
 * The servers that a user typed or pasted: several on separate lines, or separated by spaces or commas; or a list as
 * `terraform output` prints it, with or without `-json`.
 * @param {string} text
 * @param {AwsApi} [api] the region and the stage of bare API ids
 * @returns {string[]} URLs, none twice
 */
export function readServers(text, api) {
	const quoted = text.match(/(["'])\w+:\/\/[^"'\s]+\1/g) ?? [];
	const bare = text.replace(/^\s*\w+\s*=\s*/, "").replace(/,(?=\s|wss?:)/g, " ");
	const parts = quoted.length > 0 ? quoted : listed(bare);
	return [...new Set(parts.map((part) => readServer(part, api)))];
}

/** The URLs in the setting. @param {string} url */
export function listed(url) {
	return url.split(/\s+/).filter((part) => part !== "");
}

/** Whether a host is of this machine or of its network, which have no certificate. @param {string} server */
function isNear(server) {
	const [, name = ""] = /^(\[.*\]|[^:/?]*)/.exec(server) ?? [];
	return /^(?:\[.*\]|localhost|[\w-]+\.local|(?:\d+\.){3}\d+|[\w-]+)$/i.test(name);
}

/**
 * The server on this machine: the one that served the page, or the one that `npm start` starts.
 * @param {Pick<Location, "protocol" | "host">} page
 * @param {boolean} served whether a signaling server served it
 */
export function localUrl({ protocol, host }, served) {
	return served ? `${protocol === "https:" ? "wss" : "ws"}://${host}` : "ws://localhost:8080";
}

/** A secret that proves that this page owns its peer id: 160 random bits. */
export function newOwnerKey() {
	return newPeerId();
}

/** An id of the form that p2pmesh uses. */
export function newPeerId() {
	const bytes = crypto.getRandomValues(new Uint8Array(20));
	return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
