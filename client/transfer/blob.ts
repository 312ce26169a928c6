import { tooLarge } from "../data.ts";
import { MeshError } from "../errors.ts";

/** @throws MeshError `BAD_REQUEST` if it cannot be read, `TOO_LARGE` before it is read */
export async function readBlob(blob: Blob, maxBytes: number): Promise<ArrayBuffer> {
	if (blob.size > maxBytes) throw tooLarge(maxBytes, blob.size);
	try {
		return await blob.arrayBuffer();
	} catch (cause) {
		throw new MeshError("BAD_REQUEST", "The file cannot be read: it was changed or removed.", { cause });
	}
}
