/** Two processes of Node.js as ends, each with a peer of the mesh. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import wrtc from "@roamhq/wrtc";
import { startLocalServer } from "../../test/support/local-server.ts";
import type { Ends } from "./channel.ts";
import { anEnd, type End } from "./channel-ends.ts";
import { aMesh } from "./peers.ts";

/** Starts a process, and calls it. */
function aProcess() {
	const child = fork(fileURLToPath(import.meta.url), { execArgv: ["--import", "tsx"] });
	const call = (method: string, ...args: unknown[]): Promise<never> =>
		new Promise((resolve, reject) => {
			const answer = (reply: { id: string; result?: never; error?: string }) => {
				if (reply.id !== id) return;
				child.off("message", answer);
				if (reply.error === undefined) resolve(reply.result as never);
				else reject(new Error(reply.error));
			};
			const id = `${method} ${Math.random()}`;
			child.on("message", answer);
			child.send({ id, method, args });
		});
	return { call, stop: () => child.kill() };
}

function endOf({ call }: ReturnType<typeof aProcess>): End {
	return {
		describe: (offer) => call("describe", offer),
		accept: (answer) => call("accept", answer),
		send: (...run) => call("send", ...run),
		count: (...run) => call("count", ...run),
		counted: () => call("counted"),
	};
}

export async function nodeEnds(): Promise<Ends> {
	const server = await startLocalServer();
	const processes = [aProcess(), aProcess()] as const;
	const [a, b] = processes;
	await Promise.all(processes.map(({ call }) => call("join", server.url)));
	await Promise.all(processes.map(({ call }) => call("link")));
	return {
		a: endOf(a),
		b: endOf(b),
		async close() {
			for (const { stop } of processes) stop();
			await server.close();
		},
	};
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	let mesh: Awaited<ReturnType<typeof aMesh>>;
	let end: End;
	const methods: Record<string, (...args: never[]) => unknown> = {
		async join(url: string) {
			mesh = await aMesh(url, "channel");
			await mesh.join();
		},
		async link() {
			await mesh.ready();
			const [to = ""] = mesh.peers;
			end = anEnd(wrtc.RTCPeerConnection as typeof RTCPeerConnection, mesh, to);
		},
		describe: (offer: never) => end.describe(offer ?? undefined),
		accept: (answer: never) => end.accept(answer),
		send: (...run) => end.send(...(run as unknown as Parameters<End["send"]>)),
		count: (...run) => end.count(...(run as unknown as Parameters<End["count"]>)),
		counted: () => end.counted(),
	};
	process.on("message", async ({ id, method, args }: { id: string; method: string; args: never[] }) => {
		try {
			process.send?.({ id, result: await methods[method]?.(...args) });
		} catch (error) {
			process.send?.({ id, error: String((error as Error).stack) });
		}
	});
	process.on("disconnect", () => process.exit());
}
