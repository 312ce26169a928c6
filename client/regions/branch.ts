/** One deployment, as this peer uses it. */
import type { Session, Welcome } from "../signaling/session.ts";
import type { Region } from "./read.ts";

/**
 * - `none`: this peer is not there
 * - `trial`: it joins there, and may move there
 * - `home`: it is at home there, or comes back to it
 * - `leaving`: it moved elsewhere, and stays for the frames that are still on their way
 * - `visit`: it is there for a while, to link with peers that its own deployment does not know
 */
export type Use = "none" | "trial" | "home" | "leaving" | "visit";

export class Branch {
	readonly region: Region;
	readonly session: Session;
	use: Use = "none";
	/** What the server said when this peer joined there last. */
	welcome: Welcome = { peers: [] };

	constructor(region: Region, session: Session) {
		this.region = region;
		this.session = session;
	}

	get isJoined(): boolean {
		return this.session.state === "joined";
	}

	/** Joins, for this purpose. Rejects as `Session.join` does. */
	async enter(use: Use): Promise<void> {
		this.use = use;
		await this.session.join();
	}

	/** Tells the server, and closes. Its later words are not heard. */
	async leave(): Promise<void> {
		this.use = "none";
		await this.session.leave();
	}
}
