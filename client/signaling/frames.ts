/** Frames as they come off the wire, before their type is known. */
import type { ErrorCode } from "../../protocol/codes.ts";
import type { ListedPeer } from "../../protocol/frames.ts";
import { MeshError } from "../errors.ts";
import { isId } from "../ids.ts";
import { encodeText } from "../json.ts";

export type Frame = Readonly<Record<string, unknown>>;

/** A frame for a log. A reader of the log could act as this peer with the fields that are left out. */
export function withoutSecrets({ token: _, resumeKey: __, ownerKey: ___, ...frame }: Frame): Frame {
	return frame;
}

/** The error of an `error` frame, or of API Gateway in its own words (`{ message, connectionId, requestId }`). */
export function errorOf({ type, code, message, retryable, to }: Frame): MeshError {
	const gateway = type === undefined;
	return new MeshError(gateway ? "GATEWAY" : (code as ErrorCode), String(message), {
		retryable: gateway || retryable === true,
		...(typeof to === "string" && { peerId: to }),
	});
}

/** How long a refused frame has to wait at least, in ms, if the server said so. */
export function retryAfterOf({ retryAfter }: Frame): number {
	return typeof retryAfter === "number" && retryAfter > 0 ? retryAfter : 0;
}

/** How many bytes a frame has on the wire. */
export function sizeOf(frame: Frame): number {
	return encodeText(JSON.stringify(frame)).length;
}

/** The peers of a `bootstrap_peers`. */
export function peersOf({ peers }: Frame): readonly ListedPeer[] {
	return Array.isArray(peers) ? peers.filter((peer) => isId(peer?.id)) : [];
}
