/** Signaling frames in a few words. */

/** @typedef {Readonly<Record<string, unknown>>} Frame */

/**
 * Says the type of a frame and the peer that it concerns, for a line of the log.
 * @param {"in" | "out"} direction
 * @param {Frame} frame
 * @param {(id: string) => string} nameOf
 */
export function describeFrame(direction, frame, nameOf) {
	const { type = "frame without a type", from, to, peerId } = frame;
	const other = direction === "in" ? (from ?? peerId) : to;
	const whom = typeof other !== "string" ? "" : ` ${direction === "in" ? "from" : "to"} ${nameOf(other)}`;
	const about = type === "peer_joined" || type === "peer_left" ? ` ${nameOf(String(peerId))}` : whom;
	const content = contentOf(frame);
	return `${type}${type === "bootstrap_peers" ? "" : about}${content && `: ${content}`}`;
}

/** @param {Frame} frame */
function contentOf({ type, signal, signals, peers, code, room }) {
	if (type === "bootstrap_peers") return Array.isArray(peers) ? `${peers.length} listed` : "";
	if (type === "error") return String(code);
	if (type === "join") return String(room ?? "");
	if (Array.isArray(signals)) return `${signals.length} candidates`;
	if (typeof signal !== "object" || signal === null) return "";
	if ("type" in signal) return String(signal.type);
	return "candidate" in signal ? "candidate" : "";
}

/**
 * Whether a welcome names a STUN or TURN server, without which only peers of one network link up.
 * @param {Frame} frame
 */
export function namesStun({ iceServers }) {
	const servers = Array.isArray(iceServers) ? iceServers : [];
	return servers.some((server) =>
		[server?.urls].flat().some((url) => typeof url === "string" && /^(stun|turn)s?:/.test(url)),
	);
}
