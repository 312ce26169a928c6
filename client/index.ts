/**
 * A mesh of WebRTC data channels, for browsers and Node.js, over this project's signaling server.
 *
 * @example
 * const mesh = await createMesh({ transportName: "aws-websocket", transportOptions: { url } });
 * mesh.on("message", ({ from, data }) => console.log(from, data));
 * await mesh.join();
 * mesh.broadcast({ hello: "everybody" });
 */
import type { Mesh } from "./mesh/api.ts";
import { assembleMesh } from "./mesh/mesh.ts";
import { type MeshOptions, readOptions } from "./options.ts";
import { createSession } from "./signaling/index.ts";
import { createLink } from "./webrtc/link.ts";

export type { MeshErrorCode } from "./errors.ts";
export { MeshError } from "./errors.ts";
export type { LinkInfo, Mesh, MeshEvents, MeshState } from "./mesh/api.ts";
export type { Message } from "./mesh/routing.ts";
export type { MeshOptions } from "./options.ts";
export type { LinkStats } from "./webrtc/stats.ts";

/** Makes a mesh that is not joined yet. Rejects with a MeshError `BAD_OPTIONS` that lists all that is wrong. */
export async function createMesh(options?: MeshOptions): Promise<Mesh> {
	const settings = readOptions(options);
	return assembleMesh({
		...settings,
		openSession: () => createSession(settings, settings.environment),
		createLink,
	});
}
