/** The actions of the clients of a run, as data. */

export type Action =
	| {
			readonly client: string;
			readonly does: "join";
			readonly as: string;
			readonly resumes?: string;
			readonly at: number;
	  }
	| { readonly client: string; readonly does: "signal"; readonly to: string; readonly at: number }
	| { readonly client: string; readonly does: "leave"; readonly at: number }
	/** The client's socket ends. */
	| { readonly client: string; readonly does: "drop" }
	/** Time passes before this client acts on. */
	| { readonly client: string; readonly does: "wait"; readonly ms: number };

export interface Scenario {
	readonly name: string;
	/** Done one after the other, before the run branches. */
	readonly before: readonly Action[];
	/**
	 * Done side by side. The actions of one line follow each other: each starts when the invocation of the one before has
	 * ended, and is left out if the client's socket has ended by then. A client that has no answer to its `join` or
	 * `leave`, or is told to try again, gives up: its socket ends.
	 */
	readonly beside: readonly (readonly Action[])[];
	/** @default "replace" */
	readonly duplicatePeerPolicy?: "replace" | "reject";
}

/**
 * A client joins, by default as its own name. Names with a stroke are further clients of the same id: `bob'` joins as
 * `bob`.
 * @param at the function instance that handles the frame
 */
export function join(client: string, at: number): Action {
	return { client, does: "join", as: idOf(client), at };
}

/** A client proves by the older client's key that it is the same peer. */
export function resume(client: string, resumes: string, at: number): Action {
	return { client, does: "join", as: idOf(client), resumes, at };
}

export function signal(client: string, to: string, at: number): Action {
	return { client, does: "signal", to, at };
}

export function leave(client: string, at: number): Action {
	return { client, does: "leave", at };
}

export function drop(client: string): Action {
	return { client, does: "drop" };
}

export function wait(client: string, ms: number): Action {
	return { client, does: "wait", ms };
}

/** The peer id that a client of this name joins as. */
export function idOf(client: string): string {
	return client.replace(/'+$/, "");
}
