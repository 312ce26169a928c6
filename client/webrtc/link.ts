/**
 * The link to one peer, over as many attempts as it takes. Of two that call each other the one with the smaller id is the
 * caller, as between p2pmesh's peers: it ignores the other's offer, and the other withdraws its own. Against p2pmesh's
 * peers we always withdraw, since they never do.
 */
import type { Environment } from "../environment.ts";
import { LINK_TRIES, RETRY_BASE_MS } from "../limits.ts";
import { type Attempt, type AttemptOptions, createAttempt, type Role } from "./attempt.ts";
import type { Caller, Signal } from "./signals.ts";
import type { LinkStats } from "./stats.ts";

export interface LinkOptions extends AttemptOptions {
	readonly environment: Pick<Environment, "timers" | "random" | "randomHex" | "RTCPeerConnection">;
	readonly selfId: string;
	readonly peerId: string;
	/** What the next description says of this side. Its order is larger than all before, also before a restart of the program. */
	marks(): Caller & { readonly order: number };
}

/**
 * Why there is no link: the other side ended it; it did not come about in all attempts; or it broke, and this side did not
 * call, so that it is the other's to call again.
 */
export type LinkEnd = "left" | "failed" | "broken";

export interface LinkEvents {
	signal(signal: Readonly<Record<string, unknown>> & Pick<Signal, "type">): void;
	open(): void;
	message(message: Uint8Array | string): void;
	/** An open link is open no more. An end follows, or an attempt to open it again. */
	lost(): void;
	/** The last event. Not called after `close`. */
	end(why: LinkEnd): void;
}

export interface Link {
	readonly peerId: string;
	readonly state: "connecting" | "open";
	/** When it came into this state, ms since the epoch. */
	readonly since: number;
	/** Whether the other side is a peer of p2pmesh. */
	readonly foreign: boolean;
	/** The attempt that this side made and that is not open yet. */
	readonly calling: string | undefined;
	call(): void;
	/** @returns whether it was for the attempt under way; if not, it may belong to a description that is still to come */
	receive(signal: Signal): boolean;
	/** Same duties as `Channel.send`. Undefined where it is not open. */
	send(message: Uint8Array | string): Promise<void> | undefined;
	stats(): Promise<LinkStats | undefined> | undefined;
	close(): void;
}

export type LinkFactory = (options: LinkOptions, events: LinkEvents) => Link;

export const createLink: LinkFactory = (options, events) => {
	const { environment, selfId, peerId } = options;
	const { timers } = environment;
	let attempt: Attempt | undefined;
	let state: Link["state"] = "connecting";
	let since = timers.now();
	/** Whether this side called at some time: then it is the one to call again. */
	let wanted = false;
	let tries = 0;
	let cancelRetry: (() => void) | undefined;
	let closed = false;

	const enter = (next: Link["state"]) => {
		if (state === next) return;
		state = next;
		since = timers.now();
		if (next === "open") events.open();
		else events.lost();
	};

	const end = (why: LinkEnd) => {
		if (closed) return;
		closed = true;
		if (state === "open") events.lost();
		events.end(why);
	};

	const over = (why: "left" | "failed") => {
		attempt = undefined;
		if (state === "open") tries = 0;
		// Whoever closes a link means it. A failure after the last try is one for good.
		if (why === "left" && state === "open") return end("left");
		if (!wanted) return end("broken");
		if (tries >= LINK_TRIES) return end("failed");
		enter("connecting");
		if (!closed) cancelRetry = timers.after(environment.random() * RETRY_BASE_MS * 2 ** (tries - 1), call);
	};

	const begin = (id: string | undefined, role: Role) => {
		attempt?.close();
		attempt = undefined;
		cancelRetry?.();
		enter("connecting");
		if (closed) return; // a listener of `lost` closed it
		try {
			attempt = createAttempt(options, id, role, {
				signal: (signal) => events.signal({ ...signal, attempt: id, ...("sdp" in signal && options.marks()) }),
				open: () => enter("open"),
				message: events.message,
				end: over,
			});
		} catch {
			// The browser has no room for another connection, or the ICE servers are none.
			over("failed");
		}
	};

	const call = () => {
		if (closed || attempt !== undefined) return;
		wanted = true;
		tries++;
		begin(environment.randomHex(16), "caller");
	};

	const calling = () => (attempt?.role === "caller" && !attempt.isOpen ? attempt.id : undefined);

	return {
		peerId,
		get state() {
			return state;
		},
		get since() {
			return since;
		},
		get foreign() {
			return attempt?.foreign ?? false;
		},
		get calling() {
			return calling();
		},
		call,
		receive(signal) {
			if (closed) return true;
			// p2pmesh's peers do not say of which attempt a signal is: it can only be of this one.
			const belongs = attempt !== undefined && (signal.attempt ?? attempt.id) === attempt.id;
			if (signal.type !== "offer") return belongs && attempt?.receive(signal) === true;
			const ours = signal.attempt !== undefined;
			if (calling() !== undefined && ours && selfId < peerId) return true;
			if (!belongs || !ours) begin(signal.attempt, "called");
			attempt?.receive(signal);
			return true;
		},
		send: (message) => attempt?.send(message),
		stats: () => attempt?.stats(),
		close() {
			if (closed) return;
			closed = true;
			cancelRetry?.();
			attempt?.close();
			if (state === "open") events.lost();
		},
	};
};
