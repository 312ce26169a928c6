/** The bytes of a transfer are collected, or an application reads them. */
import { decodeText, parseJson } from "../json.ts";
import { PART_BYTES } from "../limits.ts";
import type { Kind } from "./source.ts";

/** Collects the bytes. */
export class Collection {
	#pieces: Uint8Array<ArrayBuffer>[] = [];
	#pieceBytes = 0;
	readonly #parts: Blob[] = [];

	/** A browser keeps a Blob outside of the page's memory, on disk if it is large. */
	add(piece: Uint8Array<ArrayBuffer>): void {
		this.#pieces.push(piece);
		this.#pieceBytes += piece.length;
		if (this.#pieceBytes >= PART_BYTES) this.#pack();
	}

	/** @returns a Blob, a File, bytes or a JSON value; undefined for JSON that is none */
	async data(kind: Kind, name: string, type: string): Promise<unknown> {
		this.#pack();
		if (kind === "file" && typeof File === "function") return new File(this.#parts, name, { type });
		const blob = new Blob(this.#parts, { type });
		if (kind === "blob" || kind === "file") return blob;
		const bytes = new Uint8Array(await blob.arrayBuffer());
		return kind === "bytes" ? bytes : parseJson(decodeText(bytes));
	}

	clear(): void {
		this.#pieces = [];
		this.#parts.length = 0;
	}

	#pack() {
		if (this.#pieces.length > 0) this.#parts.push(new Blob(this.#pieces));
		this.#pieces = [];
		this.#pieceBytes = 0;
	}
}

/** Hands the bytes to an application, no faster than it reads them. */
export class Outlet {
	readonly stream: ReadableStream<Uint8Array>;
	readonly #pieces: Uint8Array[] = [];
	readonly #taken: (bytes: number) => void;
	#controller: ReadableStreamDefaultController<Uint8Array> | undefined;
	#isWanted = false;
	#isComplete = false;

	/**
	 * @param taken is called with the number of bytes that were read
	 * @param cancelled the application reads no further
	 */
	constructor(taken: (bytes: number) => void, cancelled: () => void) {
		this.#taken = taken;
		this.stream = new ReadableStream<Uint8Array>(
			{
				start: (controller) => {
					this.#controller = controller;
				},
				pull: () => {
					this.#isWanted = true;
					this.#serve();
				},
				cancel: cancelled,
			},
			{ highWaterMark: 0 },
		);
	}

	add(piece: Uint8Array): void {
		this.#pieces.push(piece);
		this.#serve();
	}

	complete(): void {
		this.#isComplete = true;
		this.#serve();
	}

	fail(error: Error): void {
		this.#pieces.length = 0;
		if (!this.#isComplete) this.#controller?.error(error);
		this.#isComplete = true;
	}

	#serve() {
		const [piece] = this.#pieces;
		if (piece === undefined) {
			if (this.#isComplete) this.#controller?.close();
		} else if (this.#isWanted) {
			this.#pieces.shift();
			this.#isWanted = false;
			// A copy: an application that takes `chunk.buffer` expects no larger buffer.
			this.#controller?.enqueue(piece.slice());
			this.#taken(piece.length);
			if (this.#isComplete && this.#pieces.length === 0) this.#controller?.close();
		}
	}
}
