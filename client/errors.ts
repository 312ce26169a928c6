/** What can go wrong, with a code to tell the cases apart. */
import type { ErrorCode } from "../protocol/codes.ts";

/**
 * A code of the server (docs/protocol.md), or one of the client's own:
 * - `BAD_OPTIONS`: what `createMesh` was given
 * - `GATEWAY`: API Gateway answered in its own words
 * - `TIMEOUT`, `CLOSED`, `ABORTED`: no answer in time, the connection or the mesh ended, the caller's signal said so
 * - `NO_ROUTE`: nobody knows a way to that peer
 * - `BUFFER_FULL`: more is waiting to be sent than the client keeps
 * - `LINK_FAILED`: no connection to that peer came about
 */
export type MeshErrorCode =
	| ErrorCode
	| "BAD_OPTIONS"
	| "GATEWAY"
	| "TIMEOUT"
	| "CLOSED"
	| "ABORTED"
	| "NO_ROUTE"
	| "BUFFER_FULL"
	| "LINK_FAILED";

export interface MeshErrorDetails {
	/** The peer that it is about. */
	readonly peerId?: string;
	/** Whether the same may succeed later. @default false */
	readonly retryable?: boolean;
	readonly cause?: unknown;
}

export class MeshError extends Error {
	override readonly name = "MeshError";
	declare readonly code: MeshErrorCode;
	declare readonly peerId: string | undefined;
	declare readonly retryable: boolean;

	constructor(code: MeshErrorCode, message: string, details: MeshErrorDetails = {}) {
		super(message, details); // which takes the cause, where there is one
		this.code = code;
		this.peerId = details.peerId;
		this.retryable = details.retryable ?? false;
	}
}

/** An error after which the same may succeed later, or the client goes on by itself. */
export function passing(code: MeshErrorCode, message: string, details?: MeshErrorDetails): MeshError {
	return new MeshError(code, message, { ...details, retryable: true });
}

export function badOptions(message: string): MeshError {
	return new MeshError("BAD_OPTIONS", message);
}
