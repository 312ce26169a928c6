/**
 * Large data that comes in from one neighbour, over as many links as it takes. The sender may be hostile: it is told how far
 * it may go, memory is taken for bytes that have come only, and a piece that was not announced ends the transfer.
 */
import type { Timers } from "../environment.ts";
import { MeshError, type MeshErrorCode } from "../errors.ts";
import { PIECE_BYTES, REPORT_BYTES, RESUME_MS, TRANSFER_IDLE_MS, WINDOW_BYTES } from "../limits.ts";
import type { Progress, Transfer } from "../mesh/api.ts";
import { Collection, Outlet } from "./store.ts";
import type { Offer, Word } from "./words.ts";

export interface IncomingOptions {
	readonly timers: Timers;
	readonly from: string;
	readonly offer: Offer;
	/** The most that may be kept. */
	readonly maxBytes: number;
	/** Sends to the neighbour. */
	tell(word: Word): void;
	/** Whether so many bytes more may be kept. If so, they count until `release`. */
	reserve(bytes: number): boolean;
	release(bytes: number): void;
	/** The data was collected. */
	collected(data: unknown): void;
	/** The last event. */
	ended(isComplete: boolean): void;
}

export class Incoming implements Transfer {
	readonly from: string;
	readonly size: number | undefined;
	readonly name: string | undefined;
	readonly type: string;
	readonly done: Promise<void>;
	readonly #options: IncomingOptions;
	readonly #listeners: ((progress: Progress) => void)[] = [];
	#settle: (error?: MeshError) => void = () => {};
	#state: "offered" | "held" | "collecting" | "streaming" | "ended" = "offered";
	readonly #collection = new Collection();
	#outlet: Outlet | undefined;
	#kept = 0;
	#received = 0;
	/** Bytes that the application has taken; as many at the last report; as many as the sender may send. */
	#taken = 0;
	#reported = 0;
	#upto = 0;
	#isLinked = true;
	#isComplete = false;
	#movedAt: number;
	#cancelTimer: (() => void) | undefined;

	constructor(options: IncomingOptions) {
		const { offer, from, timers } = options;
		this.#options = options;
		this.from = from;
		this.size = offer.size;
		this.name = offer.name;
		this.type = offer.type ?? "";
		this.#movedAt = timers.elapsed();
		this.done = new Promise((resolve, reject) => {
			this.#settle = (error) => (error === undefined ? resolve() : reject(error));
		});
		this.done.catch(() => {});
	}

	get bytes(): number {
		return this.#received;
	}

	/** The application was told of it: if it did not say otherwise, the data is collected. */
	begin(): void {
		if (this.#state === "offered") this.accept();
		else if (this.#state === "held") this.#report();
	}

	hold(): void {
		if (this.#state === "offered") this.#state = "held";
	}

	accept(): void {
		if (this.#state !== "offered" && this.#state !== "held") return;
		if ((this.size ?? 0) > this.#options.maxBytes) {
			this.#refuse();
			return;
		}
		this.#state = "collecting";
		this.#report();
		this.#watch();
	}

	stream(): ReadableStream<Uint8Array> {
		if (this.#state !== "offered" && this.#state !== "held") {
			throw new MeshError("BAD_REQUEST", "A transfer is streamed from its start, or not at all.");
		}
		this.#state = "streaming";
		this.#outlet = new Outlet(
			(bytes) => this.#take(bytes),
			() => this.cancel(),
		);
		this.#report();
		return this.#outlet.stream;
	}

	cancel(): void {
		this.end("ABORTED", "The transfer was cancelled.");
	}

	onProgress(listener: (progress: Progress) => void): void {
		this.#listeners.push(listener);
	}

	/** A word of the sender. */
	receive(word: Word, body: Uint8Array<ArrayBuffer>): void {
		if (this.#state === "ended") return;
		if (word.o === "offer") this.#report();
		else if (word.o === "piece") this.#takePiece(word.at, body);
		else if (word.o === "end") this.#complete(word.at);
		else if (word.o === "cancel")
			this.#end(new MeshError("ABORTED", `The sender ended the transfer: ${word.code.slice(0, 64)}.`));
	}

	/** The link is open again: the sender offers the rest. */
	connected(): void {
		this.#isLinked = true;
		this.#cancelTimer?.();
		if (this.#state === "collecting") this.#watch();
	}

	disconnected(): void {
		this.#isLinked = false;
		this.#cancelTimer?.();
		this.#cancelTimer = this.#options.timers.after(RESUME_MS, () => this.end("CLOSED", "The link ended."));
	}

	/** This side ends it. */
	end(code: MeshErrorCode, message: string): void {
		if (this.#state === "ended") return;
		this.#options.tell({ o: "cancel", i: this.#options.offer.i, code });
		this.#end(new MeshError(code, message, { peerId: this.from }));
	}

	#end(error?: MeshError) {
		this.#state = "ended";
		this.#cancelTimer?.();
		if (error === undefined) this.#outlet?.complete();
		else {
			this.#outlet?.fail(error);
			this.#collection.clear();
			this.#options.release(this.#kept);
		}
		this.#options.ended(error === undefined);
		this.#settle(error);
	}

	#takePiece(at: number, piece: Uint8Array<ArrayBuffer>) {
		if (at + piece.length <= this.#received) return; // here already, over the link before
		const isInOrder = at === this.#received && this.#received < this.#upto && piece.length <= PIECE_BYTES;
		const isWithinSize = at + piece.length <= (this.size ?? Number.POSITIVE_INFINITY);
		if (!isInOrder || !isWithinSize) return this.end("BAD_REQUEST", "The sender does not keep to what it announced.");
		if (this.#state === "collecting" && !this.#keep(piece.length)) return;
		this.#received += piece.length;
		this.#movedAt = this.#options.timers.elapsed();
		if (this.#outlet !== undefined) this.#outlet.add(piece);
		else {
			this.#collection.add(piece);
			this.#take(piece.length);
		}
		const progress = { bytes: this.#received, size: this.size };
		// Not from here: a listener may throw.
		for (const listener of this.#listeners) queueMicrotask(() => listener(progress));
	}

	#complete(at: number) {
		if (this.#isComplete) return;
		if (at !== this.#received || at !== (this.size ?? at))
			return this.end("BAD_REQUEST", "The sender left something out.");
		this.#isComplete = true;
		const { offer, collected } = this.#options;
		if (this.#outlet !== undefined) return this.#succeed();
		this.#collection.data(offer.kind, offer.name ?? "", this.type).then(
			(data) => {
				if (this.#state === "ended") return; // cancelled while it was put together
				this.#succeed();
				this.#options.release(this.#kept);
				if (data !== undefined) collected(data);
			},
			// The disk is full, e.g.
			(error) => this.end("TOO_LARGE", `The data cannot be kept: ${error}`),
		);
	}

	#succeed() {
		this.#end();
		this.#options.tell({ o: "done", i: this.#options.offer.i });
	}

	#keep(bytes: number): boolean {
		const isKept = this.#options.reserve(bytes);
		if (isKept) this.#kept += bytes;
		else this.#refuse();
		return isKept;
	}

	#refuse() {
		this.end("TOO_LARGE", "The transfer is larger than what may be kept (maxReceiveBytes).");
	}

	/** The application has taken so many bytes. */
	#take(bytes: number) {
		this.#taken += bytes;
		if (this.#taken - this.#reported >= REPORT_BYTES) this.#report();
	}

	#report() {
		if (this.#state === "ended" || !this.#isLinked) return;
		this.#reported = this.#taken;
		if (this.#state !== "held") this.#upto = this.#taken + WINDOW_BYTES;
		this.#options.tell({ o: "report", i: this.#options.offer.i, at: this.#received, upto: this.#upto });
	}

	/** Bytes that are kept for a sender that sends nothing take the place of others. */
	#watch() {
		this.#cancelTimer?.();
		this.#cancelTimer = this.#options.timers.after(TRANSFER_IDLE_MS, () => {
			const isIdle = this.#options.timers.elapsed() - this.#movedAt >= TRANSFER_IDLE_MS;
			if (isIdle) this.end("TIMEOUT", "The sender sends nothing.");
			else this.#watch();
		});
	}
}
