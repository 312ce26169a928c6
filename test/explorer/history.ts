/** The history of a run: all that the invariants look at. */
import type { Frame } from "../support/client.ts";

export type Outcome = "running" | "done" | "rejected" | "died";

/** One call of the core, as the gateway makes it. */
export interface Invocation {
	readonly name: string;
	readonly does: "join" | "leave" | "signal" | "disconnect";
	readonly client: string;
	/** The mark of the frame that it handles, if that is a signal. */
	readonly mark?: string;
	/** Whether others may use its instance's memory at the same time. */
	readonly sharesInstance: boolean;
	outcome: Outcome;
	/** Whether a call of it failed, or it died. */
	hit: boolean;
}

/** A lease as the table holds it. */
export interface Lease {
	readonly client: string;
	/** ms */
	readonly at: number;
}

export type Event =
	/** An invocation begins to handle a frame. */
	| { readonly kind: "received"; readonly by: Invocation; readonly now: number }
	| {
			readonly kind: "posted";
			readonly by: Invocation;
			readonly to: string;
			readonly frame: Frame;
			readonly delivered: boolean;
			readonly now: number;
	  }
	/** Another connection holds a peer id from here on, or none does. */
	| { readonly kind: "held"; readonly peerId: string; readonly before?: Lease; readonly after?: Lease }
	| { readonly kind: "closed"; readonly client: string };

export interface History {
	readonly events: readonly Event[];
	readonly invocations: readonly Invocation[];
	/** Events of the log that stand for a fault of the core itself. */
	readonly internalErrors: readonly string[];
	/** The lease of each peer id at the end. */
	readonly leases: ReadonlyMap<string, Lease | undefined>;
	/** Clients that have a socket at the end. */
	readonly open: ReadonlySet<string>;
	readonly clients: readonly string[];
	/** Whether a call failed or an invocation died. */
	readonly faulted: boolean;
	/** Leases of dead connections that were left when an invocation had died, and that one later frame met. */
	readonly healed: number;
}

/** Whether the `$disconnect` of a client was handled. */
export function wasDisconnected(invocations: readonly Invocation[], client: string): boolean {
	return invocations.some(
		(invocation) => invocation.does === "disconnect" && invocation.client === client && invocation.outcome === "done",
	);
}

/** The frames that reached a client, in the order of their arrival. */
export function deliveredTo(history: History, client: string): Frame[] {
	return history.events.flatMap((event) =>
		event.kind === "posted" && event.to === client && event.delivered ? [event.frame] : [],
	);
}

export function isWelcome(frame: Frame): boolean {
	return frame.type === "bootstrap_peers" && frame.resumeKey !== undefined;
}
