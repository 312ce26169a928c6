/**
 * The descriptions and candidates of one RTCPeerConnection. Descriptions are handled one after the other. Candidates that
 * are found before a description leaves are part of it; later ones are sent on their own.
 */
import type { Timers } from "../environment.ts";
import { GATHERING_MS } from "../limits.ts";
import type { Candidate, Description } from "./signals.ts";

export interface NegotiationDuties {
	readonly timers: Timers;
	readonly connection: RTCPeerConnection;
	/** Asked before an ICE restart: the credentials that the connection began with may have lapsed. */
	configuration(): RTCConfiguration;
	/** Candidates that overtook the description which has just been applied. */
	early(): readonly Candidate[];
	send(
		signal:
			| { type: "offer" | "answer"; sdp: string; round: number | undefined }
			| { type: "candidate"; candidate: object },
	): void;
	/** A step failed: the browser or the other side's description made it impossible. */
	failed(error: unknown): void;
}

export interface Negotiation {
	offer(iceRestart: boolean): void;
	/** Sends the last offer again, unless it was answered. */
	repeat(): void;
	/** Takes the other side's offer, and answers it. */
	answer(offer: Description, iceRestart: boolean): void;
	/** Takes the other side's answer. One that nothing waits for is ignored. @param taken is called before it is applied */
	complete(answer: Description, taken: () => void): void;
	/** @returns false if the description that it belongs to is not known yet */
	add(candidate: Candidate): boolean;
	close(): void;
}

/** The own description: none yet, one that waits for its candidates, or the text that the other side was sent. */
type Local =
	| { readonly name: "none" }
	| { readonly name: "gathering" }
	| { readonly name: "sent"; readonly sdp: string };

export function createNegotiation(duties: NegotiationDuties): Negotiation {
	const { connection } = duties;
	let local: Local = { name: "none" };
	let described = false;
	let round = 0;
	let closed = false;
	let work = Promise.resolve();

	const step = (run: () => Promise<void>) => {
		work = work
			.then(() => (closed ? undefined : run()))
			.catch((error) => {
				if (!closed) duties.failed(error);
			});
	};

	const tell = (type: "offer" | "answer", ofRound: number | undefined) => {
		const sdp = connection.localDescription?.sdp ?? "";
		local = { name: "sent", sdp };
		duties.send({ type, sdp, round: ofRound });
	};

	const describe = async (type: "offer" | "answer", iceRestart: boolean, ofRound: number | undefined) => {
		if (iceRestart) connection.setConfiguration(duties.configuration());
		local = { name: "gathering" };
		await connection.setLocalDescription(
			await (type === "offer" ? connection.createOffer({ iceRestart }) : connection.createAnswer()),
		);
		await gathered(duties, iceRestart);
		if (!closed) tell(type, ofRound);
	};

	const addCandidate = ({ candidate }: Candidate) => {
		// A candidate that does not fit is one way less, not the end: others may do.
		connection.addIceCandidate(candidate).catch(() => {});
	};

	const apply = async ({ type, sdp }: Description) => {
		await connection.setRemoteDescription({ type, sdp });
		described = true;
		for (const candidate of duties.early()) addCandidate(candidate);
	};

	connection.onicecandidate = ({ candidate }) => {
		if (local.name !== "sent" || closed || !candidate?.candidate || isPartOf(local.sdp, candidate)) return;
		duties.send({ type: "candidate", candidate: candidate.toJSON() });
	};

	return {
		offer: (iceRestart) => step(() => describe("offer", iceRestart, ++round)),
		repeat: () =>
			step(async () => {
				if (connection.signalingState === "have-local-offer") tell("offer", round);
			}),
		answer: (offer, iceRestart) =>
			step(async () => {
				await apply(offer);
				await describe("answer", iceRestart, offer.round);
			}),
		complete: (answer, taken) =>
			step(async () => {
				if (connection.signalingState !== "have-local-offer") return;
				// The answer to an offer before this one has credentials that the other side has given up.
				if (answer.round !== undefined && answer.round !== round) return;
				taken();
				await apply(answer);
			}),
		add(candidate) {
			if (described) addCandidate(candidate);
			return described;
		},
		close() {
			closed = true;
		},
	};
}

/**
 * Whether the other side has a candidate with this description. The text that left counts, not `localDescription`: a
 * browser writes a candidate there before it fires the event (https://www.w3.org/TR/webrtc/#surfacing-the-candidate).
 */
function isPartOf(sdp: string, { candidate }: RTCIceCandidate): boolean {
	const [address = ""] = candidate.split(" typ ");
	return sdp.includes(address);
}

/** Waits for the candidates that are found at once. @param again whether a gathering was complete before */
function gathered({ timers, connection }: NegotiationDuties, again: boolean): Promise<void> {
	return new Promise((resolve) => {
		if (!again && connection.iceGatheringState === "complete") return resolve();
		const cancel = timers.after(GATHERING_MS, resolve);
		connection.onicegatheringstatechange = () => {
			if (connection.iceGatheringState !== "complete") return;
			cancel();
			resolve();
		};
	});
}
