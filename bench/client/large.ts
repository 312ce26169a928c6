/** 100 MB between two tabs of Chromium: how fast, and how much memory both tabs take for it. */
import { existsSync, readFileSync } from "node:fs";
import { linkedTabs } from "../../test/support/mesh-tabs.ts";

const SIZE = 100_000_000;

export interface LargeData {
	readonly megabytesPerSecond: number;
	/** MB that all processes with tabs grew by, at their largest. */
	readonly grownMegabytes: number;
}

/** MB in memory of these processes. The browser ends the ones that it keeps in reserve. */
function tabMegabytes(pids: readonly number[]): number {
	const kilobytes = pids
		.filter((pid) => existsSync(`/proc/${pid}/status`))
		.map((pid) => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]));
	return kilobytes.reduce((sum, one) => sum + one, 0) / 1_000;
}

export async function measureLargeData(size = SIZE): Promise<LargeData> {
	const { tabs, ids, close } = await linkedTabs();
	const [a, b] = tabs;
	try {
		const session = await a.context().browser()?.newBrowserCDPSession();
		const { processInfo } = (await session?.send("SystemInfo.getProcessInfo")) ?? { processInfo: [] };
		const pids = processInfo.filter(({ type }) => type === "renderer").map(({ id }) => id);
		const before = tabMegabytes(pids);
		let largest = before;
		const watch = setInterval(() => {
			largest = Math.max(largest, tabMegabytes(pids));
		}, 50);
		await b.evaluate(() => {
			globalThis.mesh.on("message", () => {});
		});
		const ms = await a.evaluate(
			async ([to, size]) => {
				// A browser keeps a Blob outside of its tabs.
				const part = new Blob([new Uint8Array(1_000_000)]);
				const blob = new Blob(Array(size / 1_000_000).fill(part));
				const start = performance.now();
				await globalThis.mesh.send(to, blob);
				return performance.now() - start;
			},
			[ids[1], size] as const,
		);
		clearInterval(watch);
		return { megabytesPerSecond: size / 1_000 / ms, grownMegabytes: largest - before };
	} finally {
		await close();
	}
}
