/**
 * The two ends of the comparison, as functions that run in a page as well as in Node.js: a page gets their text, so they use nothing
 * from outside of themselves.
 */
import type { Mesh } from "../../client/index.ts";

/** One side of a raw channel and of a link of ours to the same place. */
export interface End {
	/** Makes an offer or, for one, an answer, with its candidates. */
	describe(offer?: string): Promise<string>;
	accept(answer: string): Promise<void>;
	/** Sends so many messages, each when the one before was taken. */
	send(kind: Kind, bytes: number, count: number): Promise<void>;
	/** Begins to count what comes. To be awaited before the other end sends. */
	count(bytes: number, count: number): Promise<void>;
	/** Resolves with the ms from the first whole message to the last of those that are counted. */
	counted(): Promise<number>;
}

export type Kind = "raw" | "ours";

/** @param to the id of the mesh's neighbour at the other end */
export function anEnd(Connection: typeof RTCPeerConnection, mesh: Mesh, to: string): End {
	/** The same as ours (client/limits.ts). */
	const HIGH = 512 * 1024;
	const LOW = 128 * 1024;
	/** A raw message that every browser takes. */
	const RAW_BYTES = 64 * 1024;

	const connection = new Connection();
	let channel: RTCDataChannel;
	/** The size of the messages that are counted. */
	let size = 0;
	let heard = () => {};
	let all: Promise<number>;
	/** A message on the raw channel of which a part has come. */
	let whole: Uint8Array | undefined;
	let joined = 0;
	const join = (data: ArrayBuffer) => {
		if (size <= RAW_BYTES) return heard();
		whole ??= new Uint8Array(size);
		whole.set(new Uint8Array(data), joined);
		joined += data.byteLength;
		if (joined < size) return;
		whole = undefined;
		joined = 0;
		heard();
	};
	const use = (made: RTCDataChannel) => {
		channel = made;
		channel.binaryType = "arraybuffer";
		channel.bufferedAmountLowThreshold = LOW;
		channel.onmessage = ({ data }) => join(data);
	};
	connection.ondatachannel = (event) => use(event.channel);
	mesh.on("message", ({ data }) => {
		if ((data as Uint8Array).byteLength === size) heard();
	});

	/** `@roamhq/wrtc` has no event for it. */
	const drained = () =>
		new Promise<void>((resolve) => {
			const poll = setInterval(() => channel.bufferedAmount <= LOW && done(), 4);
			const done = () => {
				clearInterval(poll);
				resolve();
			};
			channel.onbufferedamountlow = done;
		});

	return {
		async describe(offer) {
			if (offer === undefined) use(connection.createDataChannel("raw"));
			else await connection.setRemoteDescription({ type: "offer", sdp: offer });
			await connection.setLocalDescription(
				offer === undefined ? await connection.createOffer() : await connection.createAnswer(),
			);
			while (connection.iceGatheringState !== "complete") await new Promise((resolve) => setTimeout(resolve, 10));
			return connection.localDescription?.sdp ?? "";
		},
		async accept(answer) {
			await connection.setRemoteDescription({ type: "answer", sdp: answer });
			while (channel.readyState !== "open") await new Promise((resolve) => setTimeout(resolve, 10));
		},
		async send(kind, bytes, count) {
			const message = new Uint8Array(bytes).fill(7);
			for (let n = 0; n < count; n++) {
				if (kind === "ours") {
					await mesh.send(to, message);
					continue;
				}
				for (let at = 0; at < bytes; at += RAW_BYTES) {
					if (channel.bufferedAmount >= HIGH) await drained();
					channel.send(message.subarray(at, at + RAW_BYTES));
				}
			}
		},
		async count(bytes, count) {
			size = bytes;
			let left = count;
			let startedAt: number | undefined;
			all = new Promise((resolve) => {
				heard = () => {
					startedAt ??= performance.now();
					if (--left === 0) resolve(performance.now() - startedAt);
				};
			});
		},
		counted: () => all,
	};
}
