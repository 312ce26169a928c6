/** The work that is measured. It runs in a page, too. */
import { createIdentity, type OwnIdentity } from "../../client/identity/index.ts";
import type { RelayedFrame } from "../../client/signaling/session.ts";

/** For each description, in µs. The clock of a page is too coarse for one. */
export interface Signing {
	readonly sign: number;
	readonly verify: number;
}

const TIMES = 1_000;

/** As large as a description of Chromium's with the candidates of two interfaces. */
const SDP = `v=0\r\na=fingerprint:sha-256 ${"AB:".repeat(31)}AB\r\n${"a=candidate:1 1 udp 2113937151 192.0.2.1 54400 typ host\r\n".repeat(16)}`;

export async function signAndVerify(): Promise<Signing> {
	let ms = 0;
	const start = async (peerId: string): Promise<OwnIdentity> =>
		(await createIdentity()).start({
			// Each description finds the limits new.
			environment: { timers: { now: () => ++ms, elapsed: () => ++ms * 10_000, after: () => () => {} } },
			peerId,
			room: "room",
			links: { get: () => undefined },
			post: {} as never,
			roster: { identity: (other) => (other === "alice" ? alice.key : bob.key) },
			emit(_, error) {
				throw error;
			},
			enquire: async () => {},
			expel() {},
		});
	const [alice, bob] = [await start("alice"), await start("bob")];
	const frames: RelayedFrame[] = [];
	const begin = performance.now();
	for (let order = 0; order < TIMES; order++) {
		const signal = { type: "offer", sdp: SDP, order, round: 1, attempt: "0123456789abcdef", island: "alice", links: 3 };
		frames.push(await alice.seal("bob", { type: "signal", signal }));
	}
	const between = performance.now();
	for (const frame of frames) {
		if ((await bob.open("alice", frame, "server")) === undefined) throw new Error("A description was refused.");
	}
	const end = performance.now();
	return { sign: (1_000 * (between - begin)) / TIMES, verify: (1_000 * (end - between)) / TIMES };
}
