/** What can go wrong, with a code to tell the cases apart. */
import type { ErrorCode } from "../protocol/codes.ts";

/**
 * A code of the server (docs/protocol.md), or one of the client's own:
 * - `BAD_OPTIONS`: what `createMesh` was given
 * - `GATEWAY`: API Gateway answered in its own words
 * - `TIMEOUT`, `CLOSED`, `ABORTED`: no answer in time, the connection or the mesh ended, the caller's signal said so
 * - `NO_ROUTE`: no path to that peer is known
 * - `BUFFER_FULL`: more is waiting to be sent than the client keeps
 * - `LINK_FAILED`: no connection to that peer came about; `reason` says why
 * - `NOT_LOADED`: a part of the client that loads when it is needed did not load
 * - `UNPROVEN`: a signal in a peer's name did not prove to be that peer's, or `verify` did not let the peer in
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
	| "LINK_FAILED"
	| "NOT_LOADED"
	| "UNPROVEN";

/**
 * Why there is no link:
 * - `ice`: both sides described themselves, and no path was found between them
 * - `timeout`: no answer came in time, or an open link fell silent
 * - `refused`: this side's browser made no RTCPeerConnection
 * - `description`: the browser did not take a session description
 * - `too-large`: the session description is larger than the server relays
 */
export type LinkFailureReason = "ice" | "timeout" | "refused" | "description" | "too-large";

export interface MeshErrorDetails {
	/** The peer that it is about. */
	readonly peerId?: string;
	/** Whether the same may succeed later. @default false */
	readonly retryable?: boolean;
	readonly cause?: unknown;
	/** Of `LINK_FAILED`. */
	readonly reason?: LinkFailureReason;
}

export class MeshError extends Error {
	override readonly name = "MeshError";
	declare readonly code: MeshErrorCode;
	declare readonly peerId: string | undefined;
	declare readonly retryable: boolean;
	/** Why there is no link, if the code is `LINK_FAILED`. */
	declare readonly reason: LinkFailureReason | undefined;

	constructor(code: MeshErrorCode, message: string, details: MeshErrorDetails = {}) {
		super(message, details); // it takes the cause, if there is one
		this.code = code;
		this.peerId = details.peerId;
		this.retryable = details.retryable ?? false;
		this.reason = details.reason;
	}
}

/** An error after which the same may succeed later, or the client goes on by itself. */
export function passing(code: MeshErrorCode, message: string, details?: MeshErrorDetails): MeshError {
	return new MeshError(code, message, { ...details, retryable: true });
}

/** What an end of the mesh says to everything that waits. */
export function left(): MeshError {
	return new MeshError("CLOSED", "The mesh was left.");
}

/** What becomes of a message if its link is no more. */
export function unlinked(): Promise<never> {
	return Promise.reject(passing("CLOSED", "The link ended."));
}

/** More waits already than the client keeps. */
export function full(details?: MeshErrorDetails): MeshError {
	return passing("BUFFER_FULL", "Too much waits to be sent.", details);
}

/** @param part what `import()` returned for a module that loads when it is needed */
export function loaded<Part>(part: Promise<Part>): Promise<Part> {
	return part.catch((cause) => {
		throw passing("NOT_LOADED", "A part of the client did not load.", { cause });
	});
}

export function badOptions(message: string): MeshError {
	return new MeshError("BAD_OPTIONS", message);
}
