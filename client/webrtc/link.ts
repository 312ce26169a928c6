/**
 * The link to one peer, over as many attempts as it takes. Of two that call each other the one with the smaller id is the
 * caller, as between p2pmesh's peers: it ignores the other's offer, and the other withdraws its own. Against p2pmesh's
 * peers we always withdraw, since they never do.
 */
import type { Environment, Timers } from "../environment.ts";
import { LINK_TRIES, RETRY_BASE_MS } from "../limits.ts";
import { type Attempt, type AttemptOptions, createAttempt, type Role } from "./attempt.ts";
import { type LinkFailure, TIMEOUT } from "./failure.ts";
import type { Caller, Signal } from "./signals.ts";
import type { LinkStats } from "./stats.ts";

export interface LinkOptions extends AttemptOptions {
	readonly environment: Pick<Environment, "timers" | "random" | "randomHex" | "RTCPeerConnection" | "onWake">;
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
	connect(): void;
	message(message: Uint8Array | string): void;
	/** An open link is open no longer. An end follows, or an attempt to open it again. */
	disconnect(): void;
	/**
	 * The last event. Not called after `close`.
	 * @param failure why the last attempt failed, with `failed`
	 */
	end(why: LinkEnd, failure?: LinkFailure): void;
}

export interface Link {
	readonly peerId: string;
	readonly state: "connecting" | "open";
	/** When it came into this state, ms since the epoch. */
	readonly since: number;
	/** How long it is in the making, in ms; 0 if it is open. */
	readonly age: number;
	/** Whether the other side is a peer of p2pmesh. */
	readonly foreign: boolean;
	/** The attempt that this side made and that is not open yet. */
	readonly calling: string | undefined;
	call(): void;
	/** @returns whether it was for the attempt under way; if not, it may belong to a description that is still to come */
	receive(signal: Signal): boolean;
	/** Same duties as `Channel.send`. Undefined while it is not open. */
	send(message: Uint8Array | string, key?: string): Promise<void> | undefined;
	stats(): Promise<LinkStats | undefined> | undefined;
	close(): void;
}

export type LinkFactory = (options: LinkOptions, events: LinkEvents) => Link;

/** `idle`: not called yet. `pausing`: between two attempts. */
type State =
	| { readonly name: "idle" }
	| { readonly name: "attempting"; readonly attempt: Attempt }
	| { readonly name: "open"; readonly attempt: Attempt }
	| { readonly name: "pausing"; readonly cancelRetry: () => void }
	| { readonly name: "ended" };

/** The state, and what the link's owner is told of it: that it opens, and that it is open no longer. */
function createPhase(timers: Timers, events: Pick<LinkEvents, "connect" | "disconnect">) {
	let state: State = { name: "idle" };
	let since = timers.now();
	let made = timers.elapsed();
	return {
		get state(): State {
			return state;
		},
		get since() {
			return since;
		},
		get age() {
			return state.name === "open" ? 0 : timers.elapsed() - made;
		},
		get attempt() {
			return "attempt" in state ? state.attempt : undefined;
		},
		/** The attempt that this side made and that is not open yet. */
		get calling() {
			return state.name === "attempting" && state.attempt.role === "caller" ? state.attempt.id : undefined;
		},
		/** Stops the attempt, or the pause before the next one. */
		stop() {
			if ("attempt" in state) state.attempt.close();
			else if (state.name === "pausing") state.cancelRetry();
		},
		enter(next: State) {
			const wasOpen = state.name === "open";
			const isOpen = next.name === "open";
			state = next;
			if (wasOpen === isOpen) return;
			since = timers.now();
			made = timers.elapsed();
			if (isOpen) events.connect();
			else events.disconnect();
		},
	};
}

export const createLink: LinkFactory = (options, events) => {
	const { environment, selfId, peerId } = options;
	const phase = createPhase(environment.timers, events);
	const { enter } = phase;
	/** Whether this side called at some time: then it is the one to call again. */
	let wanted = false;
	let tries = 0;

	const isEnded = () => phase.state.name === "ended";

	const end = (why: LinkEnd, failure?: LinkFailure) => {
		stopListening();
		enter({ name: "ended" });
		events.end(why, failure);
	};

	const stopListening = environment.onWake(() => phase.attempt?.probe());

	const failed = (failure: LinkFailure) => {
		if (phase.state.name === "open") tries = 0;
		if (!wanted) return end("broken");
		if (tries >= LINK_TRIES) return end("failed", failure);
		const pauseMs = environment.random() * RETRY_BASE_MS * 2 ** (tries - 1);
		enter({ name: "pausing", cancelRetry: environment.timers.after(pauseMs, call) });
	};

	const begin = (id: string | undefined, role: Role) => {
		phase.stop();
		enter({ name: "idle" });
		if (isEnded()) return; // a listener of `disconnect` closed it
		try {
			const attempt: Attempt = createAttempt(options, id, role, {
				signal: (signal) => events.signal({ ...signal, attempt: id, ...("sdp" in signal && options.marks()) }),
				open: () => enter({ name: "open", attempt }),
				message: events.message,
				// A side that closes an open link means it. Before that it may have made place for another attempt.
				left: () => (phase.state.name === "open" ? end("left") : failed(TIMEOUT)),
				failed,
			});
			enter({ name: "attempting", attempt });
		} catch (error) {
			// The browser has no room for another connection, or does not take the ICE servers.
			failed({ reason: "refused", cause: error });
		}
	};

	const call = () => {
		if (phase.state.name !== "idle" && phase.state.name !== "pausing") return;
		wanted = true;
		tries++;
		begin(environment.randomHex(16), "caller");
	};

	const receive = (signal: Signal) => {
		if (isEnded()) return true;
		const { attempt } = phase;
		// p2pmesh's peers do not say of which attempt a signal is: it can only be of this one.
		const belongs = attempt !== undefined && (signal.attempt ?? attempt.id) === attempt.id;
		if (signal.type !== "offer") return belongs && attempt.receive(signal);
		const ours = signal.attempt !== undefined;
		if (phase.calling !== undefined && ours && selfId < peerId) return true;
		if (!belongs || !ours) begin(signal.attempt, "called");
		phase.attempt?.receive(signal);
		return true;
	};

	return {
		peerId,
		get state() {
			return phase.state.name === "open" ? "open" : "connecting";
		},
		get since() {
			return phase.since;
		},
		get age() {
			return phase.age;
		},
		get foreign() {
			return phase.attempt?.foreign ?? false;
		},
		get calling() {
			return phase.calling;
		},
		call,
		receive,
		send: (message, key) => phase.attempt?.send(message, key),
		stats: () => phase.attempt?.stats(),
		close() {
			if (isEnded()) return;
			stopListening();
			phase.stop();
			enter({ name: "ended" });
		},
	};
};
