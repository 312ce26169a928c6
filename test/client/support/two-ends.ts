/**
 * Two ends of a link that send large data to each other. The link is as unkind as the world: it breaks at any moment, loses
 * what was on its way, says that it is full, and frames arrive after all promises of their sender have had their turn.
 */
import { createEmitter } from "../../../client/emitter.ts";
import { passing } from "../../../client/errors.ts";
import type { MeshEvents, Transfer } from "../../../client/mesh/api.ts";
import type { ExtraFrame, MeshFrame } from "../../../client/mesh/frames.ts";
import { decodeFrame, encodeFrame } from "../../../client/mesh/frames.ts";
import { encodeData } from "../../../client/mesh/payload.ts";
import { start, type Transfers } from "../../../client/transfer/index.ts";
import { type FakeTimers, fakeTimers } from "./fake-timers.ts";
import { seededHex, seededRandom } from "./seeded-random.ts";

export interface Ends {
	readonly timers: FakeTimers;
	readonly a: End;
	readonly b: End;
	/** Whether the link is open. What is on its way when it ends is lost. */
	isOpen(): boolean;
	breakLink(): void;
	mendLink(): void;
	/** Lets time pass until the promise settles. */
	settled<Value>(promise: Promise<Value>): Promise<Value>;
	/** Every frame that was handed over, in order. */
	readonly frames: { readonly from: string; readonly fields: Record<string, unknown>; readonly bytes: number }[];
}

export interface End {
	readonly id: string;
	readonly transfers: Transfers;
	readonly messages: unknown[];
	readonly incoming: Transfer[];
	onTransfer: (transfer: Transfer) => void;
	/** Answers to `transmit` before it is sent: an error, or nothing. */
	fault: (frame: ExtraFrame) => Error | undefined;
	send(data: unknown, options?: Parameters<Transfers["send"]>[3]): Promise<void>;
	leave(): void;
	/** Says anything to the other. */
	say(fields: object, body?: Uint8Array): void;
}

export function twoEnds({ seed = 1, maxReceiveBytes = 1 << 30 } = {}): Ends {
	const timers = fakeTimers();
	const random = seededRandom(seed);
	const frames: Ends["frames"][number][] = [];
	let open = true;
	let epoch = 0;

	const ids = ["a", "b"] as const;
	const emitters = ids.map(() =>
		createEmitter<MeshEvents>((error) => {
			throw error;
		}),
	);
	const ends: End[] = ids.map((id, at) => {
		const other = ids[1 - at] as string;
		const emitter = emitters[at] as (typeof emitters)[number];
		/** A channel keeps the order. */
		let arrival = 0;
		const transmit = async (to: string, frame: MeshFrame) => {
			if (!open || to !== other) throw passing("CLOSED", "The link ended.");
			const refused = end.fault(frame as ExtraFrame);
			if (refused !== undefined) throw refused;
			const bytes = encodeFrame(frame).slice();
			const { fields = {}, body } = frame as ExtraFrame;
			frames.push({ from: id, fields, bytes: body.length });
			const sentIn = epoch;
			await new Promise<void>((resolve) => timers.after(1, resolve));
			// It was handed over; whether it arrives is another matter.
			arrival = Math.max(arrival, timers.elapsed() + 1 + Math.floor(random() * 5));
			timers.after(arrival - timers.elapsed(), () => {
				if (open && epoch === sentIn) ends[1 - at]?.transfers.receive(id, decodeFrame(bytes) as ExtraFrame);
			});
		};
		const transfers = start({
			environment: { timers, randomHex: seededHex(random), random } as never,
			selfId: id,
			maxPeers: 8,
			maxReceiveBytes,
			emitter,
			links: { get: () => undefined, all: () => [], call() {}, on: () => () => {} } as never,
			post: {} as never,
			isPresent: () => true,
			knowsOverlay: () => undefined,
			hasEnough: () => false,
			giveUp() {},
			neighbourhood: {} as never,
			search() {},
			routing: {} as never,
			peers: () => (open ? [other] : []),
			ours: () => (open ? [other] : []),
			redundant: () => [],
			hasTree: () => false,
			control() {},
			transmit,
		});
		const end: End = {
			id,
			transfers,
			messages: [],
			incoming: [],
			onTransfer: () => {},
			fault: () => undefined,
			send(data, options) {
				const isRead =
					typeof data === "object" && data !== null && (data instanceof Blob || Symbol.asyncIterator in data);
				return transfers.send(other, data, isRead ? undefined : encodeData(data, Number.POSITIVE_INFINITY), options);
			},
			leave: () => emitter.emit("state", "left"),
			say: (fields, body = new Uint8Array(0)) =>
				void transmit(other, { kind: "transfer", fields: fields as never, bytes: true, body }),
		};
		emitter.on("message", (message) => end.messages.push(message));
		emitter.on("transfer", (transfer) => {
			end.incoming.push(transfer);
			end.onTransfer(transfer);
		});
		return end;
	});
	const [a, b] = ends as [End, End];

	return {
		timers,
		a,
		b,
		frames,
		isOpen: () => open,
		breakLink() {
			open = false;
			epoch++;
			for (const [at, emitter] of emitters.entries()) emitter.emit("peer:disconnect", ids[1 - at] as string);
		},
		mendLink() {
			open = true;
			for (const [at, emitter] of emitters.entries()) emitter.emit("peer:connect", ids[1 - at] as string);
		},
		async settled(promise) {
			let isSettled = false;
			const mark = () => {
				isSettled = true;
			};
			promise.then(mark, mark);
			for (let ms = 0; !isSettled && ms < 600_000; ms += 10) await timers.advance(10);
			if (!isSettled) throw new Error("Not settled within 10 minutes of pretended time.");
			return promise;
		},
	};
}
