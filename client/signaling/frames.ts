/** Frames as they come off the wire, before anybody knows what they are. */
import type { ErrorCode } from "../../protocol/codes.ts";
import type { ListedPeer } from "../../protocol/frames.ts";
import { MeshError } from "../errors.ts";
import { encodeText } from "../json.ts";

export type Frame = Readonly<Record<string, unknown>>;

/** A frame for a log: who reads it could act as this peer with what is left out. */
export function withoutSecrets({ token: _, resumeKey: __, ...frame }: Frame): Frame {
	return frame;
}

/** What an `error` frame says, or API Gateway in its own words (`{ message, connectionId, requestId }`). */
export function errorOf({ type, code, message, retryable, to }: Frame): MeshError {
	const gateway = type === undefined;
	return new MeshError(gateway ? "GATEWAY" : (code as ErrorCode), String(message), {
		retryable: gateway || retryable === true,
		...(typeof to === "string" && { peerId: to }),
	});
}

/** What a refused frame has to wait for at least, in ms, where the server said so. */
export function retryAfterOf({ retryAfter }: Frame): number {
	return typeof retryAfter === "number" && retryAfter > 0 ? retryAfter : 0;
}

/** How many bytes a frame has on the wire. */
export function sizeOf(frame: Frame): number {
	return encodeText(JSON.stringify(frame)).length;
}

/** The peers of a `bootstrap_peers`. */
export function peersOf({ peers }: Frame): readonly ListedPeer[] {
	return Array.isArray(peers) ? peers.filter((peer) => typeof peer?.id === "string") : [];
}
