/** Large data between two tabs of Chromium. */
import { describe, expect, it } from "vitest";
import { PIECE_BYTES, WINDOW_BYTES } from "../../client/limits.ts";
import { linkedTabs } from "../support/mesh-tabs.ts";
import { hasBrowser } from "./tabs.ts";

const SIZE = 20_000_000;

describe.skipIf(!hasBrowser)("20 MB between two tabs", () => {
	it("arrive as a File whose content is the same, and as a stream that is never held as a whole", async () => {
		const { tabs, ids, close } = await linkedTabs();
		const [a, b] = tabs;
		try {
			const received = b.evaluate(async () => {
				const hash = async (data: ArrayBuffer) =>
					[...new Uint8Array(data)].reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 7);
				const file = await new Promise<File>((resolve) =>
					globalThis.mesh.once("message", ({ data }) => resolve(data as File)),
				);
				const { name, type, size } = file;
				return { name, type, size, hash: await hash(await file.slice(0, 1_000_000).arrayBuffer()) };
			});
			const sent = await a.evaluate(
				async ([to, length]) => {
					const bytes = Uint8Array.from({ length }, (_, at) => at % 251);
					let last = 0;
					await globalThis.mesh.send(to, new File([bytes], "large.bin", { type: "application/x-large" }), {
						onProgress: (progress) => {
							last = progress.bytes;
						},
					});
					return { last, hash: bytes.subarray(0, 1_000_000).reduce((sum, byte) => (Math.imul(sum, 31) + byte) | 0, 7) };
				},
				[ids[1], SIZE] as const,
			);
			expect(await received).toEqual({ name: "large.bin", type: "application/x-large", size: SIZE, hash: sent.hash });
			expect(sent.last).toBe(SIZE);

			const streamed = b.evaluate(
				() =>
					new Promise<{ taken: number; ahead: number }>((resolve) => {
						globalThis.mesh.once("transfer", async (transfer) => {
							const reader = transfer.stream().getReader() as ReadableStreamDefaultReader<Uint8Array>;
							let taken = 0;
							let ahead = 0;
							for (;;) {
								const { done, value } = await reader.read();
								if (done) return resolve({ taken, ahead });
								taken += value.length;
								ahead = Math.max(ahead, transfer.bytes - taken);
							}
						});
					}),
			);
			await a.evaluate(
				async ([to, length]) => {
					async function* source() {
						for (let at = 0; at < length; at += 100_000) yield new Uint8Array(100_000);
					}
					await globalThis.mesh.send(to, source());
				},
				[ids[1], SIZE] as const,
			);
			const { taken, ahead } = await streamed;
			expect(taken).toBe(SIZE);
			expect(ahead).toBeLessThanOrEqual(WINDOW_BYTES + PIECE_BYTES);
		} finally {
			await close();
		}
	});
});
