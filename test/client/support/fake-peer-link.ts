/** A link with its two sides and the server between them, which the test may make slow, lossy or wild. */
import { MeshError } from "../../../client/errors.ts";
import type { LinkFailure } from "../../../client/webrtc/failure.ts";
import { createInbox } from "../../../client/webrtc/inbox.ts";
import { createLink, type Link, type LinkOptions } from "../../../client/webrtc/link.ts";
import { readSignals } from "../../../client/webrtc/signals.ts";
import { type FakePeerNetwork, fakePeerNetwork } from "./fake-peer-connection.ts";
import { type FakeTimers, fakeTimers } from "./fake-timers.ts";
import { seededHex, seededRandom } from "./seeded-random.ts";

export interface Side {
	readonly id: string;
	/** The link. Once it has ended, a call or an offer makes another. */
	link: Link | undefined;
	readonly events: string[];
	/** Called when this side's network may have changed. */
	readonly wakes: Set<() => void>;
	/** Whether this side reaches the server: without, its signals are lost. */
	signaling: boolean;
	/** How often the link wanted to know whether it does. */
	probes: number;
	/** Why links failed for good. */
	readonly failures: LinkFailure[];
	readonly messages: (Uint8Array | string)[];
	/** Signals that this side sent and that are not delivered yet. */
	readonly out: Record<string, unknown>[];
	/** Every signal that this side sent. */
	readonly sent: Record<string, unknown>[];
	call(): void;
	/** Takes a signal, as if the other side had sent it. */
	receive(signal: unknown): void;
}

export interface Pair {
	readonly timers: FakeTimers;
	readonly network: FakePeerNetwork;
	/** The one with the smaller id. */
	readonly a: Side;
	readonly b: Side;
	/** ms that a signal takes; undefined keeps it in `out`. */
	latency: (() => number) | undefined;
	/** Those that the server has named last. */
	iceServers: RTCIceServer[];
	/** The rest of the connections' configuration. */
	rtcConfig: RTCConfiguration;
	/** Whether signals are larger than the server relays. */
	tooLarge: boolean;
	bothOpen(): boolean;
}

export function aPair({ seed = 1 }: { readonly seed?: number } = {}): Pair {
	const timers = fakeTimers();
	const network = fakePeerNetwork(timers);
	const random = seededRandom(seed);
	const randomHex = seededHex(random);

	const aSide = (id: string, other: () => Side): Side => {
		const inbox = createInbox(timers);
		let order = timers.now();
		const make = () => {
			const environment: LinkOptions["environment"] = {
				timers,
				random,
				randomHex,
				RTCPeerConnection: network.RTCPeerConnection,
				onWake(callback) {
					side.wakes.add(callback);
					return () => side.wakes.delete(callback);
				},
			};
			const link: Link = createLink(
				{
					environment,
					selfId: id,
					peerId: other().id,
					iceServers: () => pair.iceServers,
					rtcConfig: pair.rtcConfig,
					signaling: { isUp: () => side.signaling, probe: () => void side.probes++ },
					marks: () => ({ order: ++order, island: id, links: 0 }),
					earlyCandidates: (attempt) => inbox.take(other().id, attempt),
				},
				{
					signal(signal) {
						if (pair.tooLarge) throw new MeshError("TOO_LARGE", "A frame may have fewer bytes.");
						const copy = JSON.parse(JSON.stringify(signal));
						side.sent.push(copy);
						if (!side.signaling) return;
						if (pair.latency === undefined) side.out.push(copy);
						else timers.after(pair.latency(), () => other().signaling && other().receive(copy));
					},
					connect: () => side.events.push("connect"),
					disconnect: () => side.events.push("disconnect"),
					message: (message) => side.messages.push(message),
					end(why, failure) {
						if (side.link !== link) return;
						side.events.push(why);
						if (failure !== undefined) side.failures.push(failure);
						side.link = undefined;
					},
				},
			);
			side.link = link;
			return link;
		};
		const side: Side = {
			id,
			link: undefined,
			events: [],
			failures: [],
			wakes: new Set(),
			signaling: true,
			probes: 0,
			messages: [],
			out: [],
			sent: [],
			call: () => (side.link ?? make()).call(),
			receive(value) {
				for (const signal of readSignals({ type: "signal", signal: value })) {
					if ((signal.type === "offer" || signal.type === "answer") && !inbox.isNew(other().id, signal)) continue;
					if (side.link?.receive(signal)) continue;
					if (signal.type === "candidate") inbox.keep(other().id, signal);
					else if (signal.type === "offer") make().receive(signal);
				}
			},
		};
		return side;
	};

	const a = aSide("a", () => b);
	const b: Side = aSide("b", () => a);
	const pair: Pair = {
		timers,
		network,
		a,
		b,
		latency: () => 20,
		iceServers: [],
		rtcConfig: {},
		tooLarge: false,
		bothOpen: () => a.link?.state === "open" && b.link?.state === "open",
	};
	return pair;
}

/** Two sides with an open link, called by the one with the smaller id. */
export async function anOpenPair(): Promise<Pair> {
	const pair = aPair();
	pair.a.call();
	await pair.timers.advance(1_000);
	if (!pair.bothOpen()) throw new Error("The link did not open.");
	return pair;
}
