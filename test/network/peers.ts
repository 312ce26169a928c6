/** Peers in a network each: in a Node.js process or in a page of Chromium that runs within it. */
import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";
import type { BrowserContext } from "playwright-core";
import { chromiumPath, startBrowser } from "../support/browser.ts";
import type { Command } from "./node-peer.ts";
import type { Order, Report } from "./program.ts";

export interface ProcessPeer extends NetworkPeer {
	broadcast(data: unknown, times?: number): void;
	/** Stops the process as it is, or lets it go on. */
	signal(name: "SIGSTOP" | "SIGCONT"): void;
}

export interface NetworkPeer {
	/** Its reports so far. */
	readonly reports: readonly Report[];
	/** The first report that the condition holds for, past or to come. Rejects once the peer has failed. */
	reported(holds: (report: Report) => boolean): Promise<Report>;
	send(to: string, data: unknown): void;
	close(): Promise<void>;
}

function aLog() {
	const reports: Report[] = [];
	const waiting = new Set<() => void>();
	return {
		reports,
		add(report: Report) {
			reports.push(report);
			for (const look of waiting) look();
		},
		reported: (holds: (report: Report) => boolean) =>
			new Promise<Report>((resolve, reject) => {
				const look = () => {
					const found = reports.find(holds);
					const failed = reports.find((report) => report.type === "error" && report.code === "LINK_FAILED");
					if (found === undefined && failed === undefined) return;
					waiting.delete(look);
					if (found !== undefined) resolve(found);
					else reject(new Error(`The peer failed: ${JSON.stringify(failed)}`));
				};
				waiting.add(look);
				look();
			}),
	};
}

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** @param network a namespace. Undefined: that of this process */
export function startNodePeer(network: string | undefined, order: Order): ProcessPeer {
	const { reports, add, reported } = aLog();
	const within = network === undefined ? [] : ["ip", "netns", "exec", network];
	const [command = "", ...args] = [...within, process.execPath, "--import", "tsx", path("node-peer.ts")];
	const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
	const tell = (message: Command) => void child.send(message);
	const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
	child.on("message", (report) => add(report as Report));
	tell({ order });
	return {
		reports,
		reported,
		send: (to, data) => tell({ send: { to, data } }),
		broadcast: (data, times = 1) => tell({ broadcast: { data, times } }),
		signal: (name) => void child.kill(name),
		async close() {
			if (child.connected) tell({ leave: true });
			await ended;
		},
	};
}

export interface NetworkBrowser {
	startPeer(order: Order): Promise<NetworkPeer>;
	close(): Promise<void>;
}

/** A Chromium that knows no network but this one. */
export async function startNetworkBrowser(network: string): Promise<NetworkBrowser> {
	const folder = mkdtempSync(join(tmpdir(), "chromium-"));
	const command = join(folder, "chromium");
	writeFileSync(command, `#!/bin/sh\nexec ip netns exec ${network} ${chromiumPath} "$@"\n`);
	chmodSync(command, 0o755);
	const [{ context, close }, script] = await Promise.all([startBrowser(command), bundle()]);
	return {
		startPeer: (order) => startPagePeer(context, script, order),
		async close() {
			await close();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

async function bundle(): Promise<string> {
	const { outputFiles } = await esbuild.build({
		entryPoints: [path("page-peer.ts")],
		bundle: true,
		format: "iife",
		write: false,
	});
	return outputFiles[0]?.text ?? "";
}

async function startPagePeer(context: BrowserContext, script: string, order: Order): Promise<NetworkPeer> {
	const { reports, add, reported } = aLog();
	const page = await context.newPage();
	await page.exposeFunction("report", add);
	await page.addScriptTag({ content: script });
	await page.evaluate((given) => globalThis.startPeer(given), order);
	return {
		reports,
		reported,
		send: (to, data) => void page.evaluate(([peer, value]) => globalThis.sendData(peer as string, value), [to, data]),
		close: () => page.close(),
	};
}
