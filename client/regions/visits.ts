/**
 * Visits to other deployments: this peer joins there under its own id and with its own keys, so that it can exchange signals
 * with the peers there. It leaves once the links that it was there for are open.
 */
import type { Environment } from "../environment.ts";
import { VISIT_CHECK_MS, VISIT_IDLE_MS, VISIT_JOIN_MS, VISIT_MAX_MS, VISIT_PAUSE_MS } from "../limits.ts";
import type { Branch } from "./branch.ts";

interface Visit {
	readonly since: number;
	usedAt: number;
	/** How many looks it is for. */
	errands: number;
	readonly joined: Promise<boolean>;
	/** Ends the wait for the join in vain. */
	readonly fail: () => void;
}

export interface VisitsOptions {
	readonly environment: Pick<Environment, "timers">;
	/** Whether a link is being made with a peer there. */
	isBusy(branch: Branch): boolean;
}

export class Visits {
	readonly #options: VisitsOptions;
	readonly #visits = new Map<Branch, Visit>();
	/** When a deployment was left after a visit, or could not be reached. */
	readonly #endedAt = new Map<Branch, number>();
	readonly #failedAt = new Map<Branch, number>();

	constructor(options: VisitsOptions) {
		this.#options = options;
	}

	/** Whether a frame may begin a visit there, or go out on one. */
	mayVisit(branch: Branch): boolean {
		const isOver = this.#age(this.#endedAt.get(branch)) >= VISIT_PAUSE_MS;
		return branch.isJoined || branch.use === "visit" || (branch.use === "none" && isOver);
	}

	/** Whether the last visit there failed less than so many ms ago. */
	hasFailed(branch: Branch, withinMs: number): boolean {
		return this.#age(this.#failedAt.get(branch)) < withinMs;
	}

	/** Joins there, unless this peer is there already. @returns whether it is there */
	async enter(branch: Branch): Promise<boolean> {
		if (branch.use !== "none" && branch.use !== "visit") return branch.isJoined;
		const visit = this.#visits.get(branch) ?? this.#begin(branch);
		visit.usedAt = this.#now();
		return visit.joined;
	}

	/** Joins there for an errand. The visit lasts at least until that is done. */
	async during(branch: Branch, errand: (isThere: boolean) => Promise<void>): Promise<void> {
		const entered = this.enter(branch);
		const visit = this.#visits.get(branch);
		if (visit !== undefined) visit.errands++;
		await errand(await entered);
		if (visit !== undefined) {
			visit.errands--;
			visit.usedAt = this.#now();
		}
	}

	/** A connection there failed. The session would try again, and the visit has no time for that. */
	failed(branch: Branch): void {
		if (branch.use === "visit" && !branch.isJoined) this.#visits.get(branch)?.fail();
	}

	/** A frame came from there or went there. */
	used(branch: Branch): void {
		const visit = this.#visits.get(branch);
		if (visit !== undefined) visit.usedAt = this.#now();
	}

	#now() {
		return this.#options.environment.timers.elapsed();
	}

	#age(at = Number.NEGATIVE_INFINITY) {
		return this.#now() - at;
	}

	#begin(branch: Branch): Visit {
		const { timers } = this.#options.environment;
		let fail = () => {};
		const joined = new Promise<boolean>((resolve) => {
			const cancel = timers.after(VISIT_JOIN_MS, () => fail());
			fail = () => {
				cancel();
				this.#failedAt.set(branch, this.#now());
				resolve(false);
				if (this.#visits.get(branch) === visit) this.#end(branch);
			};
			branch.enter("visit").then(() => {
				cancel();
				resolve(true);
			}, fail);
		});
		const visit: Visit = { since: this.#now(), usedAt: this.#now(), errands: 0, joined, fail: () => fail() };
		this.#visits.set(branch, visit);
		this.#watch(branch, visit);
		return visit;
	}

	#watch(branch: Branch, visit: Visit) {
		this.#options.environment.timers.after(VISIT_CHECK_MS, () => {
			if (this.#visits.get(branch) !== visit) return;
			// It has become this peer's home since.
			if (branch.use !== "visit") return void this.#visits.delete(branch);
			const isIdle = this.#age(visit.usedAt) >= VISIT_IDLE_MS && visit.errands === 0 && !this.#options.isBusy(branch);
			if (isIdle || this.#age(visit.since) >= VISIT_MAX_MS) this.#end(branch);
			else this.#watch(branch, visit);
		});
	}

	#end(branch: Branch) {
		this.#visits.delete(branch);
		this.#endedAt.set(branch, this.#now());
		if (branch.use === "visit") void branch.leave();
	}
}
