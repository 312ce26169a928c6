/** Real peers of this client in Node.js, over a real server on this machine. */
import wrtc from "@roamhq/wrtc";
import { onTestFinished } from "vitest";
import WebSocket from "ws";
import { createMesh, type Mesh, type MeshOptions } from "../../../client/index.ts";

/** A mesh that leaves at the end of the test. */
export async function aMesh(url: string, options: Partial<MeshOptions> = {}): Promise<Mesh> {
	const mesh = await createMesh({ signalingServerUrl: url, webrtc: wrtc, WebSocket, ...options });
	onTestFinished(() => mesh.leave());
	return mesh;
}

/** Calls back with the next event of this name that the condition holds for. */
export function nextMessage(mesh: Mesh, holds: (data: unknown) => boolean = () => true) {
	return new Promise<{ from: string; data: unknown; direct: boolean; via: string }>((resolve) => {
		const off = mesh.on("message", (message) => {
			if (!holds(message.data)) return;
			off();
			resolve(message);
		});
	});
}
