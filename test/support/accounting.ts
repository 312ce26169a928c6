import type { Gateway } from "../../local/gateway.ts";
import { aRoom, connect, type Frame, type TestClient } from "./client.ts";
import { eventually } from "./eventually.ts";

const IDS = ["a peer", "b peer", "c peer", "d peer"];

interface Signal {
	readonly from: number;
	readonly to: number;
	readonly id: number;
}

/** What became of many signals, each of them accounted for. */
export interface Account {
	/** Signals that were delivered more than once. */
	readonly repeated: number;
	/** Signals about which their sender got more than one error. */
	readonly refusedTwice: number;
	/** Signals about which their sender got an error. */
	readonly refused: number;
	/** Signals that were neither delivered nor answered. */
	readonly lost: number;
}

/** Sends signals among four peers while callbacks fail, and closes the gateway, which lets everything out that is under way. */
export async function accountFor({ url, close }: Gateway, count: number): Promise<Account> {
	const room = aRoom();
	const peers = await Promise.all(IDS.map((id) => joinInTheEnd(url, id, room)));

	const before = peers.map(({ frames }) => frames.filter(isGatewayError).length);
	const sent = Array.from({ length: count }, (_, id): Signal => ({ from: id % 4, to: (id + 1 + (id % 3)) % 4, id }));
	for (const { from, to, id } of sent) peers[from]?.client.send({ type: "signal", to: IDS[to], id });

	const framesOf = (peer: number) => peers[peer]?.frames ?? [];
	const arrivals = ({ to, id }: Signal) => framesOf(to).filter((frame) => frame.type === "signal" && frame.id === id);
	const refusals = ({ from, id }: Signal) =>
		framesOf(from).filter((frame) => frame.type === "error" && frame.id === id);
	await close();
	await new Promise((resolve) => setImmediate(resolve)); // what arrived has been read

	const lost = peers.map(({ frames }, peer) => {
		const open = sent.filter((signal) => signal.from === peer && !arrivals(signal).length && !refusals(signal).length);
		// An error is a callback too. Where that fails the gateway answers, in words that do not say which frame it was.
		const answered = frames.filter(isGatewayError).length - (before[peer] ?? 0);
		return Math.max(0, open.length - answered);
	});
	const moreThan = (limit: number, frames: (signal: Signal) => Frame[]) =>
		sent.filter((signal) => frames(signal).length > limit).length;
	return {
		repeated: moreThan(1, arrivals),
		refusedTwice: moreThan(1, refusals),
		refused: moreThan(0, refusals),
		lost: lost.reduce((sum, count) => sum + count, 0),
	};
}

/** Joins, again after every failure. */
async function joinInTheEnd(url: string, peerId: string, room: string) {
	const client = await connect(url);
	const frames = collect(client);
	const welcomed = () => frames.some((frame) => frame.type === "bootstrap_peers");
	const failures = () => frames.filter((frame) => frame.type === "error" || isGatewayError(frame)).length;
	for (let tries = 0; !welcomed(); tries++) {
		client.send({ type: "join", peerId, room });
		await eventually(() => welcomed() || failures() > tries);
	}
	return { client, frames };
}

const isGatewayError = (frame: Frame) => frame.type === undefined && frame.requestId !== undefined;

/** Everything that comes to a client from now on. */
function collect(client: TestClient): Frame[] {
	const frames: Frame[] = [];
	const read = async (): Promise<never> => {
		for (;;) frames.push(await client.next());
	};
	read().catch(() => {}); // the test is over
	return frames;
}
