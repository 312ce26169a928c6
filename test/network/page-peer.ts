/** A peer in a page: bundled, and called by the test through the page's globals. */
import { createMesh, type Mesh } from "../../client/index.ts";
import { type Order, type Report, runPeer } from "./program.ts";

declare global {
	var report: (report: Report) => void;
	var startPeer: (order: Order) => Promise<void>;
	var sendData: (to: string, data: unknown) => Promise<void> | undefined;
}

let mesh: Mesh | undefined;

globalThis.startPeer = async (order) => {
	mesh = await runPeer(createMesh, order, globalThis.report);
};
globalThis.sendData = (to, data) => mesh?.send(to, data);
