/** 100 MB between two tabs of Chromium: how fast, how much memory both tabs take for it, and how fast a raw channel is. */
import { existsSync, readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { PIECE_BYTES } from "../../client/limits.ts";
import { linkedTabs, type MeshTabs } from "../../test/support/mesh-tabs.ts";

const SIZE = 100_000_000;
/** Of each round of the comparison. */
const PART = 20_000_000;
const ROUNDS = 5;

export interface LargeData {
	/** Of the whole. */
	readonly megabytesPerSecond: number;
	/** MB that all processes with tabs grew by, at their largest. */
	readonly grownMegabytes: number;
	/** Medians of the rounds, in which both take turns: a Blob, and a raw channel with pieces of the same size. */
	readonly blob: number;
	readonly raw: number;
	/** The median of blob / raw within a round. */
	readonly ratio: number;
}

declare global {
	var raw: RTCDataChannel;
	/** Resolves when the raw channel has brought so many bytes. */
	var rawBytes: (bytes: number) => Promise<void>;
}

const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** MB in memory of these processes. The browser ends the ones that it keeps in reserve. */
function tabMegabytes(pids: readonly number[]): number {
	const kilobytes = pids
		.filter((pid) => existsSync(`/proc/${pid}/status`))
		.map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]));
	return kilobytes.reduce((sum, one) => sum + one, 0) / 1_000;
}

/** @returns MB/s */
async function sendBlob({ tabs, ids }: MeshTabs, size: number): Promise<number> {
	const ms = await (tabs[0] as Page).evaluate(
		async ([to, size]) => {
			// A browser keeps a Blob outside of its tabs.
			const part = new Blob([new Uint8Array(1_000_000)]);
			const blob = new Blob(Array(size / 1_000_000).fill(part));
			const start = performance.now();
			await globalThis.mesh.send(to, blob);
			return performance.now() - start;
		},
		[ids[1] as string, size] as const,
	);
	return size / 1_000 / ms;
}

/** A channel between the two tabs that nothing of ours is on. */
async function openRaw(a: Page, b: Page): Promise<void> {
	const describe = async (offer: string | undefined): Promise<string> => {
		const connection = new RTCPeerConnection();
		let got = 0;
		let awaited = Number.POSITIVE_INFINITY;
		let arrived: () => void = () => {};
		const use = (channel: RTCDataChannel) => {
			channel.binaryType = "arraybuffer";
			channel.onmessage = ({ data }) => {
				got += (data as ArrayBuffer).byteLength;
				if (got >= awaited) arrived();
			};
			globalThis.raw = channel;
		};
		globalThis.rawBytes = (bytes) =>
			new Promise((resolve) => {
				[got, awaited, arrived] = [0, bytes, resolve];
			});
		connection.ondatachannel = ({ channel }) => use(channel);
		if (offer === undefined) use(connection.createDataChannel("raw"));
		else await connection.setRemoteDescription({ type: "offer", sdp: offer });
		await connection.setLocalDescription();
		while (connection.iceGatheringState !== "complete") await new Promise((resolve) => setTimeout(resolve, 10));
		(globalThis as { connection?: RTCPeerConnection }).connection = connection;
		return connection.localDescription?.sdp ?? "";
	};
	const answer = await b.evaluate(describe, await a.evaluate(describe, undefined));
	await a.evaluate(async (sdp) => {
		const { connection } = globalThis as { connection?: RTCPeerConnection };
		await connection?.setRemoteDescription({ type: "answer", sdp });
		while (globalThis.raw.readyState !== "open") await new Promise((resolve) => setTimeout(resolve, 10));
	}, answer);
}

/** As fast as the channel takes it, with the look at its buffer that every sender needs. @returns MB/s */
async function sendRaw(a: Page, b: Page, size: number): Promise<number> {
	const start = performance.now();
	const arrived = b.evaluate((bytes) => globalThis.rawBytes(bytes), size);
	await a.evaluate(
		async ([size, piece]) => {
			const { raw } = globalThis;
			const bytes = new Uint8Array(piece);
			raw.bufferedAmountLowThreshold = 128 * 1024;
			for (let at = 0; at < size; at += piece) {
				if (raw.bufferedAmount >= 512 * 1024) {
					await new Promise((resolve) => {
						raw.onbufferedamountlow = resolve;
					});
				}
				raw.send(bytes);
			}
		},
		[size, PIECE_BYTES] as const,
	);
	await arrived;
	return size / 1_000 / (performance.now() - start);
}

export async function measureLargeData(size = SIZE): Promise<LargeData> {
	const linked = await linkedTabs();
	const [a, b] = linked.tabs;
	try {
		await b.evaluate(() => {
			globalThis.mesh.on("message", () => {});
		});
		const session = await a.context().browser()?.newBrowserCDPSession();
		const { processInfo } = (await session?.send("SystemInfo.getProcessInfo")) ?? { processInfo: [] };
		const pids = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
		const before = tabMegabytes(pids);
		let largest = before;
		const watch = setInterval(() => {
			largest = Math.max(largest, tabMegabytes(pids));
		}, 50);
		const megabytesPerSecond = await sendBlob(linked, size);
		clearInterval(watch);

		await openRaw(a, b);
		const blob: number[] = [];
		const raw: number[] = [];
		for (let round = 0; round < ROUNDS; round++) {
			raw.push(await sendRaw(a, b, PART));
			blob.push(await sendBlob(linked, PART));
		}
		const ratios = blob.map((rate, round) => rate / (raw[round] as number));
		return {
			megabytesPerSecond,
			grownMegabytes: largest - before,
			blob: median(blob),
			raw: median(raw),
			ratio: median(ratios),
		};
	} finally {
		await linked.close();
	}
}
