/**
 * A mesh of WebRTC data channels, for browsers and Node.js, over this project's signaling server.
 *
 * @example
 * const mesh = await createMesh({ transportName: "aws-websocket", transportOptions: { url } });
 * mesh.on("message", ({ from, data }) => console.log(from, data));
 * await mesh.join({ links: 1 });
 * await mesh.broadcast({ hello: "all of you" });
 */

import { loaded } from "./errors.ts";
import type { Mesh } from "./mesh/api.ts";
import { assembleMesh } from "./mesh/mesh.ts";
import { type MeshOptions, readOptions } from "./options.ts";
import { createLink } from "./webrtc/link.ts";

export type { LinkFailureReason, MeshErrorCode } from "./errors.ts";
export { MeshError } from "./errors.ts";
export type {
	Candidate,
	JoinOptions,
	LinkInfo,
	Member,
	Mesh,
	MeshEvents,
	MeshState,
	PeerKey,
	Progress,
	QueueOptions,
	SendOptions,
	Transfer,
} from "./mesh/api.ts";
export type { Message } from "./mesh/routing.ts";
export type { MeshOptions, RegionOptions } from "./options.ts";
export type { AbortSignalLike, ByteStream, IceServer, KeyPair, RtcConfig } from "./platform-types.ts";
export type { LinkStats } from "./webrtc/stats.ts";

/** Makes a mesh that is not joined yet. Rejects with a MeshError `BAD_OPTIONS` that lists every fault. */
export async function createMesh(options?: MeshOptions): Promise<Mesh> {
	const settings = await readOptions(options);
	const open = (peerId = settings.peerId) =>
		assembleMesh({
			...settings,
			peerId,
			openSession: (host) => settings.openSession({ ...settings, peerId }, settings.environment, host),
			createLink: (link, events) => createLink({ ...link, rtcConfig: settings.rtcConfig }, events),
		});
	const { onIdTaken, signal } = settings;
	const mesh =
		onIdTaken === "leave"
			? open()
			: (await loaded(import("./new-id.ts"))).meshWithNewIds(open, settings.environment.randomHex);
	if (signal !== undefined) (await loaded(import("./with-signal.ts"))).withSignal(mesh, signal);
	if (options?.metadata !== undefined) await mesh.setMetadata(options.metadata);
	return mesh;
}
