import { randomBytes } from "node:crypto";
import { type Arrived, Conversation, type ConversationOptions, type Peer } from "./conversation.ts";
import type { Frame } from "./frames.ts";
import type { Report } from "./report.ts";
import { StepError } from "./step-error.ts";

const arrival = ({ at }: Arrived) => at;
const itself = (at: number) => at;

/**
 * Two peers meet in a room, signal, and leave.
 * @throws StepError at the first step that does not go as it should
 */
export async function converse(options: ConversationOptions & { room: string }, report: Report): Promise<void> {
	const talk = new Conversation(options);
	// Ids that differ in the last digit are each other's nearest, so the two meet in a crowded room as well.
	const stem = randomBytes(20).toString("hex").slice(0, -1);
	try {
		const a = await report.step("A connects", () => talk.connect("A", `${stem}0`));
		const b = await report.step("B connects", () => talk.connect("B", `${stem}1`));
		const words = vocabulary(talk, options.room);
		await meet(a, b, words, report);
		await signal(a, b, words, report);
		await part(a, b, words, report);
	} finally {
		talk.end();
	}
}

/** A random room, so that no other peer notices. */
export function aRoom(): string {
	return `smoke-${randomBytes(6).toString("hex")}`;
}

type Vocabulary = ReturnType<typeof vocabulary>;

/** Each sends a frame, or waits for one. */
function vocabulary(talk: Conversation, room: string) {
	return {
		join(peer: Peer) {
			talk.send(peer, { type: "join", peerId: peer.id, room, identity: peer.identity });
			return talk.receive(
				peer,
				`bootstrap_peers to ${peer.name}`,
				({ frame }) => frame.type === "bootstrap_peers" && Array.isArray(frame.peers),
			);
		},
		notice: (to: Peer, type: string, about: Peer) =>
			talk.receive(
				to,
				`${type} to ${to.name} about ${about.id}`,
				({ frame }) => frame.type === type && frame.peerId === about.id,
			),
		signal(from: Peer, to: Peer) {
			const data = randomBytes(6).toString("hex");
			talk.send(from, { type: "signal", to: to.id, data });
			return talk.receive(
				to,
				`signal to ${to.name} with "data":"${data}" and "from":"${from.id}"`,
				({ frame }) => frame.type === "signal" && frame.data === data && frame.from === from.id,
			);
		},
		signalNobody(from: Peer) {
			const to = randomBytes(20).toString("hex");
			talk.send(from, { type: "signal", to, data: "smoke" });
			return talk.receive(
				from,
				`error PEER_NOT_FOUND to ${from.name}`,
				({ frame }) => frame.type === "error" && frame.code === "PEER_NOT_FOUND" && frame.to === to,
			);
		},
		ping(peer: Peer) {
			talk.send(peer, { type: "ping", timestamp: Date.now() });
			// Match the text: an emulator may leave the variables of API Gateway's template in it, and then it is not JSON.
			return talk.receive(peer, `pong to ${peer.name}`, ({ text }) => text.startsWith('{"type":"pong"'));
		},
		leave(peer: Peer) {
			talk.send(peer, { type: "leave" });
			return talk.closed(peer);
		},
	};
}

async function meet(a: Peer, b: Peer, { join, notice }: Vocabulary, report: Report): Promise<void> {
	await report.step("A joins", () => join(a), { until: arrival });
	const joinedAt = performance.now();
	const welcome = await report.step("B joins", () => join(b), { until: arrival });
	const listed = welcome.frame.peers as readonly Frame[];
	const isListed = async () => {
		if (listed.some((peer) => peer.id === a.id)) return;
		throw new StepError(`a list with ${a.id}`, `a list of ${listed.length} others`);
	};
	await report.step("B is told of A", isListed, { since: joinedAt, until: () => welcome.at });
	const told = () => notice(a, "peer_joined", b);
	const { frame } = await report.step("A is told of B", told, { since: joinedAt, until: arrival });
	const knowKeys = async () => {
		tells(listed.find((peer) => peer.id === a.id)?.identity, a);
		tells(frame.identity, b);
	};
	await report.step("Both are told of the other's key", knowKeys);
}

/** @throws StepError if the server does not tell the hash of a peer's key as the peer told it */
function tells(identity: unknown, { name, identity: told }: Peer): void {
	if (identity === told) return;
	const hint = "Is an older version deployed? Servers tell the hash of a key since 0.2.0.";
	throw new StepError(`the identity ${told} of ${name}`, identity === undefined ? "none" : String(identity), hint);
}

async function signal(a: Peer, b: Peer, words: Vocabulary, report: Report): Promise<void> {
	await report.step("A signals B", () => words.signal(a, b), { until: arrival });
	await report.step("B signals A", () => words.signal(b, a), { until: arrival });
	await report.step("A signals an absent peer, gets an error", () => words.signalNobody(a), { until: arrival });
	await report.step("A pings, and gets a pong", () => words.ping(a), { until: arrival });
}

async function part(a: Peer, b: Peer, { leave, notice }: Vocabulary, report: Report): Promise<void> {
	const leftAt = performance.now();
	await report.step("B leaves, and is disconnected", () => leave(b), { until: itself });
	await report.step("A is told that B left", () => notice(a, "peer_left", b), { since: leftAt, until: arrival });
	await report.step("A leaves, and is disconnected", () => leave(a), { until: itself });
}
