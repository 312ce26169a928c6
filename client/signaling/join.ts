/** The contents of a connection and its join, and the meaning of a refused join. */
import type { MeshError } from "../errors.ts";
import { LOST_JOIN_MS } from "../limits.ts";
import type { Frame } from "./frames.ts";

export type Token = string | (() => string | Promise<string>);

export interface Identity {
	readonly peerId: string;
	readonly room: string;
	/** Sent with every join, so that no other client takes the id over. */
	readonly ownerKey?: string;
	/** Sent with every connection. A function is asked again for each. */
	readonly token?: Token | undefined;
	/** The hash of our public key. Its part may still be loading while the socket opens. If it fails, there is none. */
	readonly identity?: Promise<{ readonly key: string }> | undefined;
	/** Whether the token goes with the connection instead, as a subprotocol. */
	readonly tokenAt?: "join" | "connect";
}

export interface Preparation {
	/** The subprotocols of the connection. */
	readonly protocols: string[];
	readonly join: Frame;
}

/** Rejects if the caller's function gives no token. */
export async function prepareJoin(identity: Identity, resumeKey: string | undefined): Promise<Preparation> {
	const { peerId, ownerKey, room, token, tokenAt } = identity;
	const value = typeof token === "function" ? await token() : token;
	if (token !== undefined && typeof value !== "string") throw new TypeError("A token is a string.");
	const early = tokenAt === "connect" && value !== undefined;
	return {
		// The server chooses the one without the token, so that the token is not sent back.
		protocols: early ? ["p2pmesh", `token.${value}`] : [],
		// Fields that are undefined are not written. `anyId`: the server may list ids of any form to us.
		join: { type: "join", peerId, room, resumeKey, ownerKey, anyId: true, token: early ? undefined : value },
	};
}

export interface JoinHistory {
	/** Whether a join of this session has succeeded. */
	readonly welcomed: boolean;
	/** How long ago a join was lost which the server may have carried out, in ms. */
	readonly lostJoinAge: number | undefined;
	/** Whether another token can be had. */
	readonly freshToken: boolean;
}

/** Whether a join that was refused on one connection may succeed on another. */
export function mayJoinAgain(
	{ code, retryable }: MeshError,
	{ welcomed, lostJoinAge, freshToken }: JoinHistory,
): boolean {
	switch (code) {
		// It is this connection that cannot join any more.
		case "NOT_JOINED":
		case "ALREADY_JOINED":
			return true;
		// Perhaps we hold the id ourselves, by a connection that has ended: the welcome with the key was lost, so the server
		// cannot know. It finds out when it takes the connection for dead.
		case "PEER_ID_TAKEN":
			return lostJoinAge !== undefined && lostJoinAge < LOST_JOIN_MS;
		case "UNAUTHORIZED":
			return welcomed && freshToken;
		// The server is at fault. One that has worked before may be mended.
		case "INTERNAL":
			return welcomed;
		default:
			return retryable;
	}
}
