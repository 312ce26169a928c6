/** Anything large that an application may send, as pieces of bytes. */
import { bytesOf, isBlob } from "../data.ts";
import { MeshError } from "../errors.ts";
import { MAX_FILE_NAME, MAX_FILE_TYPE, PIECE_BYTES, READ_BYTES } from "../limits.ts";
import type { Payload } from "../mesh/payload.ts";
import { readBlob } from "./blob.ts";

/** What the receiver's `message` holds: a Blob, a File, a Uint8Array, a JSON value. A stream becomes a Blob. */
export type Kind = "blob" | "file" | "bytes" | "json";
export const KINDS: readonly unknown[] = ["blob", "file", "bytes", "json"] satisfies Kind[];

export interface Source {
	readonly kind: Kind;
	/** Undefined for a stream. */
	readonly size: number | undefined;
	readonly name?: string | undefined;
	readonly type?: string | undefined;
	/** Each has at most `PIECE_BYTES`. Throws a MeshError if it cannot be read. */
	pieces(): AsyncGenerator<Uint8Array, void>;
}

/** @returns undefined for data that is no Blob and no stream */
export function sourceOf(data: unknown): Source | undefined {
	if (isBlob(data)) {
		const { size, type, name } = data as Blob & { readonly name?: string };
		const isFile = typeof name === "string";
		const file = isFile ? { kind: "file" as const, name: name.slice(0, MAX_FILE_NAME) } : { kind: "blob" as const };
		return { ...file, size, type: type.slice(0, MAX_FILE_TYPE), pieces: () => piecesOf(partsOf(data)) };
	}
	const stream = streamOf(data);
	return stream && { kind: "blob", size: undefined, pieces: () => piecesOf(stream) };
}

export function payloadSource({ bytes, body }: Payload): Source {
	return { kind: bytes ? "bytes" : "json", size: body.length, pieces: () => piecesOf([body]) };
}

/** @returns undefined if it is no stream of bytes */
export function streamOf(data: unknown): AsyncIterable<unknown> | undefined {
	if (typeof data !== "object" || data === null) return undefined;
	if (Symbol.asyncIterator in data) return data as AsyncIterable<unknown>;
	return typeof (data as ReadableStream).getReader === "function" ? chunksOf(data as ReadableStream) : undefined;
}

/** Safari cannot iterate over a stream. */
async function* chunksOf(stream: ReadableStream): AsyncGenerator<unknown, void> {
	const reader = stream.getReader();
	let isDone = false;
	try {
		while (!isDone) {
			const { done, value } = await reader.read();
			isDone = done;
			if (!done) yield value;
		}
	} finally {
		if (!isDone) await reader.cancel().catch(() => {}); // it failed before, and said so
	}
}

async function* partsOf(blob: Blob): AsyncGenerator<Uint8Array, void> {
	for (let at = 0; at < blob.size; at += READ_BYTES) {
		yield new Uint8Array(await readBlob(blob.slice(at, at + READ_BYTES), READ_BYTES));
	}
}

async function* piecesOf(chunks: AsyncIterable<unknown> | Iterable<unknown>): AsyncGenerator<Uint8Array, void> {
	try {
		for await (const chunk of chunks) {
			const bytes = bytesOf(chunk);
			if (bytes === undefined) throw new MeshError("BAD_REQUEST", "A stream must give bytes.");
			for (let at = 0; at < bytes.length; at += PIECE_BYTES) yield bytes.slice(at, at + PIECE_BYTES);
		}
	} catch (cause) {
		if (cause instanceof MeshError) throw cause;
		throw new MeshError("BAD_REQUEST", "The stream failed.", { cause });
	}
}
