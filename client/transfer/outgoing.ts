/**
 * Large data that goes out to one neighbour, over as many links as it takes. Pieces that are not confirmed are kept, so any
 * source can go on over the next link, a stream, too.
 */
import type { Timers } from "../environment.ts";
import { MeshError, type MeshErrorCode } from "../errors.ts";
import { FULL_AGAIN_MS, MAX_PIECES_AHEAD, OFFER_ANSWER_MS, RESUME_MS } from "../limits.ts";
import type { SendOptions } from "../mesh/api.ts";
import type { Source } from "./source.ts";
import type { Word } from "./words.ts";

export interface OutgoingOptions {
	readonly timers: Timers;
	readonly id: string;
	readonly source: Source;
	readonly onProgress: SendOptions["onProgress"];
	/** Sends to the neighbour. Rejects if it is lost. */
	put(word: Word, body?: Uint8Array): Promise<void>;
}

/** Reasons that a receiver may give for ending a transfer. */
const CODES: readonly string[] = [
	"TOO_LARGE",
	"BUFFER_FULL",
	"BAD_REQUEST",
	"CLOSED",
	"TIMEOUT",
] satisfies MeshErrorCode[];

export class Outgoing {
	/** Resolves once the receiver has all. */
	readonly done: Promise<void>;
	readonly #options: OutgoingOptions;
	readonly #pieces: AsyncGenerator<Uint8Array, void>;
	#settle: (error?: MeshError) => void = () => {};
	#isEnded = false;
	/** How many links have ended. */
	#links = 0;
	/** Whether the receiver has answered over the link that is open now. */
	#isOpen = false;
	/** Pieces from `#confirmed` on, and which of them is sent next. */
	readonly #kept: Uint8Array[] = [];
	#next = 0;
	/** Bytes that the receiver has; that it takes; that were read; that there are. */
	#confirmed = 0;
	#upto = 0;
	#read = 0;
	#total: number | undefined;
	#isEndSent = false;
	#reading: Promise<void> | undefined;
	#wake: () => void = () => {};
	#cancelTimer: (() => void) | undefined;

	constructor(options: OutgoingOptions) {
		this.#options = options;
		this.#pieces = options.source.pieces();
		this.done = new Promise((resolve, reject) => {
			this.#settle = (error) => {
				if (this.#isEnded) return;
				this.#isEnded = true;
				this.#cancelTimer?.();
				this.#kept.length = 0;
				this.#wake();
				void this.#pieces.return().catch(() => {}); // a stream that does not want to be ended
				if (error === undefined) resolve();
				else reject(error);
			};
		});
		this.done.catch(() => {});
		void this.#run();
	}

	/** A link is open: offers the data, or the rest. */
	connected(): void {
		const { id, source } = this.#options;
		const { kind, size, name, type } = source;
		void this.#tell({ o: "offer", i: id, kind, size, name, type, at: this.#confirmed });
		this.#wait(OFFER_ANSWER_MS, "TIMEOUT", "The peer does not answer an offer of large data.");
	}

	disconnected(): void {
		this.#links++;
		this.#isOpen = false;
		this.#isEndSent = false;
		this.#wait(RESUME_MS, "CLOSED", "The link ended, and no other came.");
	}

	receive(word: Word): void {
		if (word.o === "report") this.#takeReport(word.at, word.upto);
		else if (word.o === "done" && this.#total !== undefined) {
			this.#tellProgress(this.#total);
			this.#settle();
		} else if (word.o === "cancel") {
			const code = CODES.includes(word.code) ? (word.code as MeshErrorCode) : "ABORTED";
			this.#settle(new MeshError(code, `The receiver ended the transfer: ${code}.`));
		}
	}

	/** This side gives up. */
	cancel(error: MeshError): void {
		if (this.#isEnded) return;
		void this.#tell({ o: "cancel", s: true, i: this.#options.id, code: error.code });
		this.#settle(error);
	}

	#wait(ms: number, code: MeshErrorCode, message: string) {
		this.#cancelTimer?.();
		if (!this.#isEnded)
			this.#cancelTimer = this.#options.timers.after(ms, () => this.cancel(new MeshError(code, message)));
	}

	#takeReport(at: number, upto: number) {
		if (this.#isEnded || at < this.#confirmed || at > this.#read) return;
		this.#cancelTimer?.();
		let left = at - this.#confirmed;
		while (left > 0 && this.#kept[0] !== undefined && this.#kept[0].length <= left) {
			left -= this.#kept[0].length;
			this.#kept.shift();
			this.#next = Math.max(0, this.#next - 1);
		}
		if (left > 0) return this.cancel(new MeshError("BAD_REQUEST", "The receiver has lost the thread."));
		this.#confirmed = at;
		this.#upto = upto;
		// The first report over a link says how far the receiver is: all from there on is sent again.
		if (!this.#isOpen) this.#next = 0;
		this.#isOpen = true;
		this.#wake();
		this.#tellProgress(at);
	}

	/** Not from here: the application's function may throw. */
	#tellProgress(bytes: number) {
		const { onProgress, source } = this.#options;
		if (onProgress !== undefined) queueMicrotask(() => onProgress({ bytes, size: source.size }));
	}

	async #run() {
		while (!this.#isEnded) {
			const changed = new Promise<void>((resolve) => {
				this.#wake = resolve;
			});
			if (this.#isOpen && this.#next < this.#kept.length) {
				await this.#sendNext();
				continue;
			}
			if (this.#isOpen && this.#total === undefined) this.#readOn();
			else if (this.#isOpen && this.#total !== undefined && !this.#isEndSent) {
				this.#isEndSent = true;
				await this.#tell({ o: "end", i: this.#options.id, at: this.#total });
				continue;
			}
			await changed;
		}
	}

	async #sendNext() {
		const piece = this.#kept[this.#next] as Uint8Array;
		const at = this.#kept.slice(0, this.#next).reduce((sum, { length }) => sum + length, this.#confirmed);
		this.#next++;
		await this.#tell({ o: "piece", i: this.#options.id, at }, piece);
	}

	/** Reads the next piece, if the receiver takes it. */
	#readOn() {
		if (this.#read >= this.#upto || this.#kept.length >= MAX_PIECES_AHEAD) return;
		this.#reading ??= this.#pieces.next().then(
			({ done, value }) => {
				this.#reading = undefined;
				if (done === true) this.#total = this.#read;
				else {
					this.#kept.push(value);
					this.#read += value.length;
				}
				const { size = this.#read } = this.#options.source;
				if (this.#read > size || (done && this.#read < size)) {
					this.cancel(new MeshError("BAD_REQUEST", "The file was changed while it was sent."));
				}
				this.#wake();
			},
			(error) => this.cancel(error),
		);
	}

	/**
	 * A link that is full takes it later. If the link ends, the next one begins with an offer: a piece that still waits would
	 * come there before the pieces that were lost.
	 */
	async #tell(word: Word, body?: Uint8Array): Promise<void> {
		const { timers, put } = this.#options;
		const links = this.#links;
		for (;;) {
			const code = await put(word, body).then(
				() => undefined,
				(error) => error.code,
			);
			if (code !== "BUFFER_FULL" || (this.#isEnded && word.o !== "cancel")) return;
			await new Promise<void>((resolve) => timers.after(FULL_AGAIN_MS, resolve));
			if (links !== this.#links && word.o !== "cancel") return;
		}
	}
}
