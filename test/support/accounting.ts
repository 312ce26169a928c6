import type { Gateway } from "../../local/gateway.ts";
import { aRoom, connect, type Frame, type TestClient } from "./client.ts";
import { eventually } from "./eventually.ts";
import { createLedger } from "./ledger.ts";

const IDS = ["a peer", "b peer", "c peer", "d peer"];

/** The fates of many signals. */
export interface Account {
	/** Signals that were delivered more than once, or to another peer. */
	readonly repeated: number;
	/** Signals about which their sender got more than one error. */
	readonly refusedTwice: number;
	/** Signals about which their sender got an error. */
	readonly refused: number;
	/** Signals that were neither delivered nor answered. */
	readonly lost: number;
}

/** Sends signals among four peers while callbacks fail, and closes the gateway, which lets out everything under way. */
export async function accountFor({ url, close }: Gateway, count: number): Promise<Account> {
	const room = aRoom();
	const peers = await Promise.all(IDS.map((id) => joinInTheEnd(url, id, room)));
	const before = peers.map(({ frames }) => frames.length);

	const ledger = createLedger();
	for (let n = 0; n < count; n++) {
		const [from, to] = [IDS[n % 4] as string, IDS[(n + 1 + (n % 3)) % 4] as string];
		peers[n % 4]?.client.send({ type: "signal", to, id: ledger.send(from, to) });
	}
	await close();
	await new Promise((resolve) => setImmediate(resolve)); // the clients read the last frames

	/** By sender: answers of the gateway itself. If an error frame cannot be posted, it answers without saying for which frame. */
	const answered = new Map<string, number>();
	for (const [at, { frames }] of peers.entries()) {
		const id = IDS[at] as string;
		for (const frame of frames.slice(before[at])) {
			if (frame.type === "signal") ledger.arrived(frame.id as number, id);
			// An earlier try to join can fail after a later one was welcomed. Its error is not about a signal.
			else if (frame.type === "error" && frame.requestType !== "join") ledger.refused(frame.id as number);
			else if (isGatewayError(frame)) answered.set(id, (answered.get(id) ?? 0) + 1);
		}
	}

	const lost = IDS.map((id) => {
		const open = ledger.open().filter(({ from }) => from === id).length;
		return Math.max(0, open - (answered.get(id) ?? 0));
	});
	const sums = ledger.sums();
	return {
		repeated: sums.repeated + ledger.strays(),
		refusedTwice: sums["refused again"],
		// A callback can fail although its frame was delivered: then the sender hears of a failure as well.
		refused: sums.refused + sums["delivered and refused"],
		lost: lost.reduce((sum, each) => sum + each, 0),
	};
}

/** Joins, and tries again after every failure. */
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
