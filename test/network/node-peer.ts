/** A peer in a Node.js process, which the test starts within a network. */
import wrtc from "@roamhq/wrtc";
import WebSocket from "ws";
import { createMesh, type Mesh } from "../../client/index.ts";
import { type Order, runPeer } from "./program.ts";

let mesh: Mesh | undefined;

export interface Command {
	readonly order?: Order;
	readonly send?: { readonly to: string; readonly data: unknown };
	/** Broadcasts it so many times, one after the other. */
	readonly broadcast?: { readonly data: unknown; readonly times: number };
	readonly leave?: true;
}

process.on("message", async (message: Command) => {
	const report = (value: object) => void process.send?.(value);
	if (message.order) {
		mesh = await runPeer(createMesh, message.order, report, { webrtc: wrtc, WebSocket });
	}
	if (message.send) await mesh?.send(message.send.to, message.send.data);
	if (message.broadcast) {
		const { data, times } = message.broadcast;
		for (let n = 0; n < times; n++) await mesh?.broadcast(data);
		report({ type: "broadcast", at: Date.now() });
	}
	if (message.leave) {
		await mesh?.leave();
		process.exit(0);
	}
});
