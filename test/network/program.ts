/** A peer, told by the test what to do, and reporting what happens. It runs in Node.js and in a page alike. */
import type { Mesh, MeshOptions } from "../../client/index.ts";

export interface Order {
	readonly url: string;
	readonly peerId: string;
	readonly room: string;
	readonly iceServers: RTCIceServer[];
	/** @default "all" */
	readonly iceTransportPolicy?: RTCIceTransportPolicy;
}

export type Report = What & {
	/** When it happened, in ms since the epoch. */
	readonly at: number;
};

export type What =
	| { readonly type: "joined" }
	| { readonly type: "open"; readonly peerId: string }
	| { readonly type: "lost"; readonly peerId: string }
	/** All that it was told to broadcast is on its way. */
	| { readonly type: "broadcast" }
	| { readonly type: "message"; readonly from: string; readonly data: unknown }
	| { readonly type: "error"; readonly code: string; readonly message: string }
	/** A frame with signals that this peer sent. */
	| { readonly type: "sent"; readonly signals: readonly string[] };

type CreateMesh = (options: MeshOptions) => Promise<Mesh>;

/** @returns what leaves and sends */
export async function runPeer(
	createMesh: CreateMesh,
	{ url, peerId, room, iceServers, iceTransportPolicy = "all" }: Order,
	tell: (report: Report) => void,
	means: Pick<MeshOptions, "webrtc" | "WebSocket"> = {},
): Promise<Mesh> {
	const report = (what: What) => tell({ ...what, at: Date.now() });
	const mesh = await createMesh({
		signalingServerUrl: url,
		peerId,
		room,
		iceServers,
		rtcConfig: { iceTransportPolicy },
		...means,
	});
	mesh.on("peer:connect", (other) => report({ type: "open", peerId: other }));
	mesh.on("peer:disconnect", (other) => report({ type: "lost", peerId: other }));
	mesh.on("message", ({ from, data }) => report({ type: "message", from, data }));
	mesh.on("error", ({ code, message }) => report({ type: "error", code, message }));
	mesh.on("signaling", ({ direction, frame }) => {
		const signals = frame.type === "batched_signals" ? (frame.signals as unknown[]) : [frame.signal];
		if (direction === "in" || frame.to === undefined) return;
		report({ type: "sent", signals: signals.map((signal) => String((signal as { type?: string }).type)) });
	});
	await mesh.join();
	report({ type: "joined" });
	return mesh;
}
