/** Links without WebRTC: what one side sends arrives at the other a moment later, once both know of it. */
import type { Timers } from "../../../client/environment.ts";
// Parts that have loaded before are there in the same moment of simulated time.
import "../../../client/mesh/island.ts";
import "../../../client/mesh/tree.ts";
import "../../../client/overlay/index.ts";
import "../../../client/mesh/ways.ts";
import "../../../client/transfer/index.ts";
import "../../../client/webrtc/failure-texts.ts";
import type { Link, LinkFactory } from "../../../client/webrtc/link.ts";

interface End {
	readonly message: (message: Uint8Array) => void;
	readonly left: () => void;
}

export interface FakeWire {
	readonly createLink: LinkFactory;
	/** Messages that passed over links. */
	readonly messages: number;
	/** The same by the kind of the frame; messages of applications are `data`. */
	readonly counts: Readonly<Record<string, number>>;
	/** The bytes of those. */
	readonly bytes: Readonly<Record<string, number>>;
	/** Those among them that are copies of broadcasts. */
	readonly copies: number;
	/** What becomes of a message on its way: it may be another one, or lost. */
	onTheWay: (from: string, to: string, message: Uint8Array) => Uint8Array | undefined;
	/** Ends the link between two peers. What is on its way is lost. */
	cut(one: string, other: string): void;
	/** Sends bytes to every neighbour of a peer, in its name. */
	say(from: string, message: Uint8Array): void;
}

/** @param latency ms from one side to the other */
export function fakeWire(timers: Timers, latency: () => number): FakeWire {
	/** By attempt: the ends that are open. */
	const wires = new Map<string, Map<string, End>>();
	let messages = 0;
	const counts: Record<string, number> = {};
	const bytes: Record<string, number> = {};
	let copies = 0;
	const count = (message: Uint8Array) => {
		messages++;
		const [head = ""] = new TextDecoder().decode(message.subarray(1)).split("\n", 1);
		const { k = "data", i: id, t: to } = JSON.parse(head);
		counts[k] = (counts[k] ?? 0) + 1;
		bytes[k] = (bytes[k] ?? 0) + message.length;
		if (id !== undefined && to === undefined) copies++;
	};

	const createLink: LinkFactory = ({ environment, selfId, peerId, marks }, events) => {
		let state: Link["state"] = "connecting";
		let since = timers.now();
		let attempt: string | undefined;
		let role: "caller" | "called" = "called";
		let closed = false;
		/** A channel keeps the order, for any latency of each message. */
		let lastArrival = 0;

		const other = () => wires.get(attempt ?? "")?.get(peerId);
		const later = (deliver: () => void) => {
			lastArrival = Math.max(lastArrival, timers.now() + latency());
			timers.after(lastArrival - timers.now(), deliver);
		};
		const plug = (id: string) => {
			const ends = wires.get(id) ?? new Map<string, End>();
			wires.set(id, ends);
			ends.set(selfId, {
				message(message) {
					open(); // a message shows that the channel is open
					if (!closed) events.message(message);
				},
				left: () => end("left"),
			});
		};
		const open = () => {
			if (closed || state === "open") return;
			state = "open";
			since = timers.now();
			events.connect();
		};
		const unplug = () => {
			closed = true;
			cancelDeadline();
			const far = other();
			wires.get(attempt ?? "")?.delete(selfId);
			if (state === "open") events.disconnect();
			if (far !== undefined) later(far.left);
		};
		const end = (why: "left" | "failed" | "broken") => {
			if (closed) return;
			unplug();
			events.end(why);
		};
		const cancelDeadline = timers.after(15_000, () => {
			if (state !== "open") end(role === "caller" ? "failed" : "broken");
		});

		return {
			peerId,
			foreign: false,
			get state() {
				return state;
			},
			get since() {
				return since;
			},
			get age() {
				return state === "open" ? 0 : timers.now() - since;
			},
			get calling() {
				return role === "caller" && state === "connecting" ? attempt : undefined;
			},
			call() {
				role = "caller";
				attempt = environment.randomHex(16);
				plug(attempt);
				events.signal({ type: "offer", sdp: "", attempt, ...marks() });
			},
			receive(signal) {
				if (signal.type === "answer" && signal.attempt === attempt) {
					open();
					other()?.message(new Uint8Array(0)); // the first thing that arrives: the channel is open
					return true;
				}
				if (signal.type !== "offer" || signal.attempt === undefined) return signal.attempt === attempt;
				if (role === "caller" && state === "connecting" && selfId < peerId) return true;
				if (state === "open") events.disconnect();
				state = "connecting";
				role = "called";
				attempt = signal.attempt;
				plug(attempt);
				const own = attempt;
				events.signal({ type: "answer", sdp: "", attempt, ...marks() });
				timers.after(3 * latency(), () => attempt === own && open());
				return true;
			},
			async send(message) {
				const passed = wire.onTheWay(selfId, peerId, message as Uint8Array);
				if (passed === undefined) return;
				count(passed);
				later(() => other()?.message(passed));
			},
			stats: async () => undefined,
			close() {
				if (!closed) unplug();
			},
		};
	};

	const wire: FakeWire = {
		createLink,
		counts,
		bytes,
		onTheWay: (_from, _to, message) => message,
		cut(one, other) {
			for (const ends of [...wires.values()]) {
				const both = [ends.get(one), ends.get(other)];
				if (both[0] !== undefined && both[1] !== undefined) for (const end of both) end?.left();
			}
		},
		say(from, message) {
			for (const ends of wires.values()) {
				if (!ends.has(from)) continue;
				for (const [peerId, end] of ends) if (peerId !== from) end.message(message);
			}
		},
		get messages() {
			return messages;
		},
		get copies() {
			return copies;
		},
	};
	return wire;
}
