/** How a link goes, out of what the browser counts. */

type CandidateType = "host" | "srflx" | "prflx" | "relay";

export interface LinkStats {
	/** How this side is reached: directly, through its NAT (`srflx`, `prflx`), or by a TURN server. */
	readonly localType?: CandidateType | undefined;
	readonly remoteType?: CandidateType | undefined;
	readonly protocol?: string | undefined;
	/** ms */
	readonly roundTripTime?: number | undefined;
	readonly bytesSent: number;
	readonly bytesReceived: number;
}

/** The reports' fields that are read here; browsers differ in which they give. */
interface Report {
	readonly id: string;
	readonly selectedCandidatePairId?: string;
	readonly selected?: boolean;
	readonly localCandidateId?: string;
	readonly remoteCandidateId?: string;
	readonly candidateType?: CandidateType;
	readonly protocol?: string;
	readonly currentRoundTripTime?: number;
	readonly bytesSent?: number;
	readonly bytesReceived?: number;
}

/** @returns undefined if the connection has no path yet, or is closed */
export async function readStats(connection: Pick<RTCPeerConnection, "getStats">): Promise<LinkStats | undefined> {
	// It rejects if the connection was closed in the middle.
	const reports = new Map<unknown, Report>(await connection.getStats().catch(() => []));
	const all = [...reports.values()];
	const isNamed = (id: string) => all.some(({ selectedCandidatePairId }) => selectedCandidatePairId === id);
	// The transport names the pair, but in Firefox, which marks it.
	const pair = all.find(({ id, selected }) => selected || isNamed(id));
	if (pair === undefined) return undefined;

	const local = reports.get(pair.localCandidateId);
	const { bytesSent = 0, bytesReceived = 0, currentRoundTripTime: seconds } = pair;
	return {
		localType: local?.candidateType,
		remoteType: reports.get(pair.remoteCandidateId)?.candidateType,
		protocol: local?.protocol,
		roundTripTime: seconds && seconds * 1_000,
		bytesSent,
		bytesReceived,
	};
}
