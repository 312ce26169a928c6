/**
 * Frames that clients have not read yet wait in this process. They are bounded for each client and in sum: a client that
 * reads too slowly is cut off; and if all of them together leave too much unread, the one that leaves the most.
 */
import type { Duplex } from "node:stream";
import type { WebSocket } from "ws";
import type { Log } from "../lambda/core/ports.ts";

/** The most that one client may leave unread, in bytes: that, and one frame. */
export const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** The most that all clients together may leave unread, in bytes. */
export const MAX_BUFFERED_BYTES_IN_SUM = 64 * 1024 * 1024;

/** The memory that a waiting frame takes beside its text, in bytes: ws and Node keep several objects for each. Measured. */
const FRAME_OVERHEAD = 300;

/** A callback of this runs at the end of the turn of the event loop. */
const SETTLED = Promise.resolve();

/** Unread frames of one client. */
interface Unread {
	/** Frames that wait, without the first. */
	frames: number;
	/** Bytes at the last look, overhead included. */
	bytes: number;
	/** Notes that a frame waits no longer. One function for all frames, because there can be many. */
	readonly written: () => void;
}

/** A client that frames go to. */
export interface UnreadBuffer {
	readonly id: string;
	readonly socket: Pick<WebSocket, "bufferedAmount" | "readyState" | "OPEN" | "terminate"> & {
		sendText(text: string, written?: () => void): void;
	};
	/** The bytes below the socket. Absent: frames are not gathered. */
	readonly stream?: Pick<Duplex, "cork" | "uncork">;
}

export interface Backlog {
	/** Sends a frame. @returns whether it is on its way */
	send(reader: UnreadBuffer, text: string): boolean;
	/** The client's socket has closed. */
	forget(reader: UnreadBuffer): void;
}

export interface BacklogOptions {
	readonly maxBufferedBytes: number;
	readonly maxBufferedBytesInSum: number;
	readonly log: Log;
}

export function createBacklog({ maxBufferedBytes, maxBufferedBytesInSum, log }: BacklogOptions): Backlog {
	/** Those with unread frames at the last look: few, because a frame usually leaves the process at once. */
	const slow = new Map<UnreadBuffer, Unread>();
	/** The sum over `slow`. It can only be too high, since clients read on. */
	let sum = 0;

	const forget = (reader: UnreadBuffer) => {
		sum -= slow.get(reader)?.bytes ?? 0;
		slow.delete(reader);
	};

	const look = (reader: UnreadBuffer, unread: Unread) => {
		const { bufferedAmount } = reader.socket;
		if (bufferedAmount === 0) return forget(reader);
		const bytes = bufferedAmount + unread.frames * FRAME_OVERHEAD;
		sum += bytes - unread.bytes;
		unread.bytes = bytes;
	};

	const cutOff = (reader: UnreadBuffer, reason: string) => {
		log.warn("slow_reader_cut_off", { connectionId: reader.id, reason });
		forget(reader);
		reader.socket.terminate();
	};

	const shed = () => {
		for (const [reader, unread] of slow) look(reader, unread);
		while (sum > maxBufferedBytesInSum) {
			const [slowest] = [...slow].reduce((a, b) => (b[1].bytes > a[1].bytes ? b : a));
			cutOff(slowest, "it left the most unread when all clients together left too much");
		}
	};

	const unreadOf = (reader: UnreadBuffer): Unread => {
		let unread = slow.get(reader);
		if (unread === undefined) {
			const created: Unread = { frames: 0, bytes: 0, written: () => void created.frames-- };
			slow.set(reader, (unread = created));
		}
		return unread;
	};

	/** Counts what a client has left unread. */
	const count = (reader: UnreadBuffer) => {
		look(reader, unreadOf(reader));
		if (sum > maxBufferedBytesInSum) shed();
	};

	/** Frames of this turn of the event loop. */
	let frames = 0;
	/** The first client that got one. Most turns have no other, so it is in no set. */
	let first: UnreadBuffer | undefined;
	/** The others that got one. */
	const others = new Set<UnreadBuffer>();
	/** Clients that get the rest of their frames at the end of the turn, in one write. */
	const waiting = new Set<UnreadBuffer>();
	/** Whether the last turn had several frames for a client. */
	let busy = false;

	const flush = () => {
		busy = frames > 1 + others.size;
		frames = 0;
		first = undefined;
		if (others.size > 0) others.clear();
		if (waiting.size === 0) return;
		for (const reader of waiting) {
			reader.stream?.uncork();
			if (reader.socket.bufferedAmount > 0 && reader.socket.readyState === reader.socket.OPEN) count(reader);
		}
		waiting.clear();
	};

	/**
	 * Notes a frame. The first one of a turn to a client goes out at once, and the later ones wait for the end of the turn. In a busy
	 * time the first one waits as well, since one write for all of them costs less.
	 * @returns whether it waits
	 */
	const holds = (reader: UnreadBuffer, stream: Pick<Duplex, "cork" | "uncork">): boolean => {
		if (frames === 0) void SETTLED.then(flush);
		frames += 1;
		if (waiting.has(reader)) return true;
		const isFirst = reader !== first && !others.has(reader);
		if (first === undefined) first = reader;
		else if (isFirst) others.add(reader);
		if (isFirst && !busy) return false;
		waiting.add(reader);
		stream.cork();
		return true;
	};

	return {
		forget,
		send(reader, text) {
			const { socket, stream } = reader;
			if (socket.readyState !== socket.OPEN) return false;
			// A client with frames that wait is no slow one.
			if (waiting.has(reader) || socket.bufferedAmount === 0) {
				if (stream !== undefined && holds(reader, stream)) {
					socket.sendText(text);
					return true;
				}
				socket.sendText(text);
				if (socket.bufferedAmount === 0) return true;
			} else {
				const unread = unreadOf(reader);
				look(reader, unread);
				if (unread.bytes > maxBufferedBytes) {
					cutOff(reader, "it left too much unread");
					return false;
				}
				unread.frames += 1;
				socket.sendText(text, unread.written);
			}
			count(reader);
			return socket.readyState === socket.OPEN;
		},
	};
}
