/** A peer in a Node.js process, which the test starts within a network. */
import wrtc from "@roamhq/wrtc";
import WebSocket from "ws";
import { createMesh, type Mesh } from "../../client/index.ts";
import { type Order, runPeer } from "./program.ts";

let mesh: Mesh | undefined;

process.on("message", async (message: { order?: Order; send?: { to: string; data: unknown }; leave?: true }) => {
	const report = (value: object) => void process.send?.(value);
	if (message.order) {
		mesh = await runPeer(createMesh, message.order, report, { webrtc: wrtc, WebSocket });
	}
	if (message.send) await mesh?.send(message.send.to, message.send.data);
	if (message.leave) {
		await mesh?.leave();
		process.exit(0);
	}
});
