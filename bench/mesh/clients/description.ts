/** Session descriptions as Chromium writes them for a data channel, so that their sizes are right. */

/** A machine has two local addresses, and STUN shows two more. */
const CANDIDATES = ["host", "host", "srflx", "srflx"];

export interface Described {
	/** The number of the connection. */
	readonly connection: number;
	/** Changes with each ICE restart. */
	readonly ice: number;
}

export function describe({ connection, ice }: Described, type: "offer" | "answer", fingerprint: string): string {
	const address = `10.${(connection >> 16) & 255}.${(connection >> 8) & 255}.${connection & 255}`;
	const candidates = CANDIDATES.map((kind, n) => {
		const base = `a=candidate:${1_467_250_027 + n} 1 udp ${2_122_260_223 - n} ${address} ${50_000 + n} typ ${kind}`;
		return `${base}${kind === "srflx" ? ` raddr ${address} rport ${50_000 + n}` : ""} generation 0 network-id 1`;
	});
	const lines = [
		"v=0",
		`o=- ${connection} ${ice + 2} IN IP4 127.0.0.1`,
		"s=-",
		"t=0 0",
		"a=group:BUNDLE 0",
		"a=extmap-allow-mixed",
		"a=msid-semantic: WMS",
		"m=application 50000 UDP/DTLS/SCTP webrtc-datachannel",
		`c=IN IP4 ${address}`,
		...candidates,
		"a=ice-ufrag:k9Xq",
		"a=ice-pwd:u0Zy7vU2dQ1kVbJmHn3sXw4e",
		"a=ice-options:trickle",
		`a=fingerprint:sha-256 ${fingerprint}`,
		`a=setup:${type === "offer" ? "actpass" : "active"}`,
		"a=mid:0",
		"a=sctp-port:5000",
		"a=max-message-size:262144",
	];
	return `${lines.join("\r\n")}\r\n`;
}

/** @throws if it is no description of this file */
export function read(sdp: string): Described {
	const [, connection, session] = /^o=- (\d+) (\d+) /m.exec(sdp) ?? [];
	if (connection === undefined) throw new Error("No description.");
	return { connection: Number(connection), ice: Number(session) - 2 };
}
