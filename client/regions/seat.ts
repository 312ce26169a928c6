/**
 * Which deployment this peer is at home in.
 *
 * - It joins the first of its order. If that fails, or takes long, it tries the next as well, and so on; the first that
 *   welcomes it is its home. One that comes earlier in the order, or the home that it lost, has a moment to come first:
 *   if this peer's own network was down, all answer again at the same time.
 * - It looks for another home if it has lost its own for some seconds. While nothing answers, it stays, and goes on trying all.
 * - It goes back when a better one can be reached: it joins there, stays in both for a while, and leaves the other then.
 *   So no peer sees it leave. It tries at growing intervals, each peer at other moments.
 */
import type { Environment } from "../environment.ts";
import type { MeshError } from "../errors.ts";
import {
	FAILOVER_MS,
	LASTING_HOME_MS,
	MOVE_GRACE_MS,
	MOVE_OVERLAP_MS,
	PROVE_MS,
	REFUSED_REGION_MS,
	RETURN_MAX_MS,
	RETURN_MS,
	TRY_REGION_MS,
} from "../limits.ts";
import type { Branch } from "./branch.ts";

export interface SeatOptions {
	readonly environment: Pick<Environment, "timers" | "random">;
	/** This peer has another home now, or its first one. */
	moved(home: Branch): void;
	/** No deployment will have it. */
	refused(error: MeshError): void;
}

/** After these the same join fails again. */
const FINAL = ["UNAUTHORIZED", "FORBIDDEN", "PEER_ID_TAKEN", "BAD_REQUEST"];

export class Seat {
	readonly #options: SeatOptions;
	#order: readonly Branch[] = [];
	#home: Branch | undefined;
	/** `trying`: the last one that the search has begun with. */
	#search: { trying: Branch | undefined } | undefined;
	/** The deployments that refused this peer for good before it had a home. */
	readonly #refusals = new Map<Branch, MeshError>();
	/** How often a return failed, or a home was lost soon after one. */
	#strikes = 0;
	/** When it went back to its home last. */
	#returnedAt = Number.NEGATIVE_INFINITY;
	/** The timers that run, by purpose. */
	readonly #timers = new Map<string, () => void>();

	constructor(options: SeatOptions) {
		this.#options = options;
	}

	get home(): Branch | undefined {
		return this.#home;
	}

	start(order: readonly Branch[]): void {
		this.#order = order;
		this.#home = undefined;
		this.#refusals.clear();
		this.#strikes = 0;
		this.#returnedAt = Number.NEGATIVE_INFINITY;
		this.#seek();
	}

	stop(): void {
		for (const cancel of this.#timers.values()) cancel();
		this.#timers.clear();
		this.#search = undefined;
		this.#order = [];
	}

	/** A deployment welcomed this peer, for the first time or after a loss. */
	welcomed(branch: Branch): void {
		if (branch.use === "trial" && this.#search !== undefined) this.#found(branch);
	}

	/** A connection to a deployment failed. */
	failed(branch: Branch): void {
		if (branch.use !== "trial") return;
		if (this.#search === undefined) void this.#giveBack(branch);
		else if (branch === this.#search.trying) this.#next();
	}

	/** The connection to the home was lost, or is there again. */
	homeChanged(isJoined: boolean): void {
		if (isJoined) {
			this.#cancel("failover");
			this.#endSearch();
		} else if (this.#search === undefined) {
			const other = this.#order.find(({ use, isJoined }) => use === "trial" && isJoined);
			const ms = FAILOVER_MS * (0.67 + 0.66 * this.#options.environment.random());
			if (other === undefined) this.#after("failover", ms, () => this.#seek());
			else this.#adopt(other);
		}
	}

	#now() {
		return this.#options.environment.timers.elapsed();
	}

	#after(purpose: string, ms: number, act: () => void) {
		this.#cancel(purpose);
		this.#timers.set(purpose, this.#options.environment.timers.after(ms, act));
	}

	#cancel(purpose: string) {
		this.#timers.get(purpose)?.();
		this.#timers.delete(purpose);
	}

	#seek() {
		this.#cancel("return");
		this.#search = { trying: undefined };
		this.#next();
	}

	/** Tries one more. The ones before go on. */
	#next() {
		if (this.#search === undefined) return;
		const { trying } = this.#search;
		const others = this.#order.filter((branch) => branch !== this.#home);
		const next = others[trying === undefined ? 0 : others.indexOf(trying) + 1];
		if (next === undefined) return;
		this.#search.trying = next;
		this.#after("next", TRY_REGION_MS, () => this.#next());
		void this.#try(next);
	}

	async #try(branch: Branch) {
		try {
			await branch.enter("trial");
		} catch (error) {
			if (branch.use === "trial") this.#refused(branch, error as MeshError);
			return;
		}
		if (branch.use !== "trial") return;
		if (this.#search === undefined) this.#after("prove", PROVE_MS, () => this.#proven(branch));
		else this.#found(branch);
	}

	#refused(branch: Branch, error: MeshError) {
		branch.use = "none";
		if (this.#search === undefined) return this.#return(this.#order.indexOf(branch) + 1);
		const isFinal = FINAL.includes(error.code);
		if (isFinal && this.#home === undefined) {
			this.#refusals.set(branch, error);
			// The room is at home there. Or another client has the id, and two peers of a room cannot have one.
			const isLast = branch === this.#order[0] || error.code === "PEER_ID_TAKEN";
			if (isLast || this.#refusals.size === this.#order.length) return this.#options.refused(error);
		}
		this.#after(`again ${branch.region.id}`, isFinal ? REFUSED_REGION_MS : TRY_REGION_MS, () => {
			if (this.#search !== undefined && branch.use === "none") void this.#try(branch);
		});
		if (branch === this.#search.trying) this.#next();
	}

	/** A deployment welcomed this peer that had none. */
	#found(branch: Branch) {
		const isBetter = (other: Branch) =>
			other === this.#home || (other.use === "trial" && this.#order.indexOf(other) < this.#order.indexOf(branch));
		const better = this.#order.filter(isBetter);
		if (better.length === 0) return this.#adopt(branch);
		for (const { session } of better) session.probe();
		this.#after("grace", MOVE_GRACE_MS, () => {
			const best = this.#order.find(({ use, isJoined }) => use === "trial" && isJoined);
			if (best !== undefined) this.#adopt(best);
		});
	}

	#adopt(branch: Branch) {
		const old = this.#home;
		if (old?.isJoined) this.#returnedAt = this.#now();
		else this.#strikes = this.#now() - this.#returnedAt < LASTING_HOME_MS ? this.#strikes + 1 : 0;
		this.#home = branch;
		branch.use = "home";
		this.#cancel("failover");
		this.#endSearch();
		if (old?.isJoined) {
			old.use = "leaving";
			this.#options.environment.timers.after(MOVE_OVERLAP_MS, () => {
				if (old.use === "leaving") void old.leave();
			});
		} else void old?.leave();
		this.#options.moved(branch);
		this.#returnLater();
	}

	#endSearch() {
		this.#search = undefined;
		for (const purpose of [...this.#timers.keys()]) {
			if (/^(?:next|grace|again|prove)/.test(purpose)) this.#cancel(purpose);
		}
		for (const branch of this.#order) if (branch.use === "trial") void branch.leave();
		if (this.#home !== undefined) this.#returnLater();
	}

	/** A better home may be there again. */
	#returnLater() {
		if (this.#home === this.#order[0] || this.#search !== undefined) return;
		const { random } = this.#options.environment;
		const ms = Math.min(RETURN_MS * 2 ** this.#strikes, RETURN_MAX_MS) * (0.5 + random());
		this.#after("return", ms, () => this.#return(0));
	}

	#return(rank: number) {
		const branch = this.#order[rank];
		if (branch === undefined || this.#search !== undefined) return;
		if (branch === this.#home) {
			this.#strikes++;
			return this.#returnLater();
		}
		// It may be there for a visit, and is at home from now on.
		this.#after("return", 2 * TRY_REGION_MS + PROVE_MS, () => void this.#giveBack(branch));
		void this.#try(branch);
	}

	/** A return came to nothing: the next in line may be better than the home, too. */
	async #giveBack(branch: Branch) {
		if (branch.use !== "trial") return;
		this.#cancel("prove");
		const leaving = branch.leave();
		this.#return(this.#order.indexOf(branch) + 1);
		await leaving;
	}

	#proven(branch: Branch) {
		if (branch.use !== "trial") return;
		if (branch.isJoined) this.#adopt(branch);
		else void this.#giveBack(branch);
	}
}
