/**
 * Looks for parts of the room in other deployments, and has them linked with this one.
 *
 * The root of an island looks into each other deployment, at growing intervals. If it cannot reach one, it asks neighbours
 * to look, which pass that on if they cannot either: one peer that reaches both is enough.
 */
import { jittered, rotated } from "../chance.ts";
import type { Environment } from "../environment.ts";
import { isId } from "../ids.ts";
import {
	CHECK_MS,
	LOOK_AGAIN_MS,
	LOOK_ALONE_MS,
	LOOK_ASKS,
	LOOK_MAX_MS,
	LOOK_MS,
	MAX_BRIDGE_STEPS,
	MAX_PROBES,
} from "../limits.ts";
import type { Branch } from "./branch.ts";
import type { Visits } from "./visits.ts";

/** Stands before the mark of a deployment, in place of a peer's id. */
const LOOK = "look into ";

export interface LookoutOptions {
	readonly environment: Pick<Environment, "timers" | "random" | "randomHex">;
	readonly selfId: string;
	readonly branches: readonly Branch[];
	readonly visits: Visits;
	isRoot(): boolean;
	home(): Branch | undefined;
	/** Neighbours that may be asked. */
	neighbours(): readonly string[];
	/** Asks a neighbour, as for a bridge. */
	ask(neighbour: string, to: string, steps: number): void;
	reaches(peerId: string): Promise<boolean>;
	/** Has a peer called that is on another island. */
	bridge(peerId: string): void;
	/** These peers are there. */
	found(peerIds: readonly string[], branch: Branch): void;
}

interface Plan {
	at: number;
	pause: number;
}

export class Lookout {
	readonly #options: LookoutOptions;
	readonly #plans = new Map<Branch, Plan>();
	readonly #askedAt = new Map<Branch, number>();
	#wasRoot = false;
	#cancel: (() => void) | undefined;

	constructor(options: LookoutOptions) {
		this.#options = options;
	}

	/** This peer has a home. @param isAlone whether no other peer is there */
	start(isAlone: boolean): void {
		this.#wasRoot = true;
		this.#plan(isAlone ? LOOK_ALONE_MS : LOOK_MS);
		if (this.#cancel === undefined || isAlone) this.#schedule();
	}

	stop(): void {
		this.#cancel?.();
		this.#cancel = undefined;
	}

	/** @returns whether a request for a bridge is one for a look, and has been dealt with */
	asked(to: string, steps: number): boolean {
		if (!to.startsWith(LOOK)) return false;
		const branch = this.#options.branches.find(({ region }) => to === LOOK + region.mark);
		// A neighbour must not make us look on and on.
		const isSoon = branch && this.#now() - (this.#askedAt.get(branch) ?? Number.NEGATIVE_INFINITY) < LOOK_AGAIN_MS;
		if (isSoon && !this.#options.visits.hasFailed(branch, LOOK_AGAIN_MS)) return true;
		if (branch !== undefined) this.#askedAt.set(branch, this.#now());
		if (branch !== undefined && !this.#options.visits.hasFailed(branch, LOOK_AGAIN_MS)) void this.#look(branch, steps);
		else this.#pass(to, steps);
		return true;
	}

	#now() {
		return this.#options.environment.timers.elapsed();
	}

	#jittered(ms: number) {
		return jittered(ms, this.#options.environment.random);
	}

	#plan(ms: number) {
		for (const branch of this.#options.branches) {
			this.#plans.set(branch, { at: this.#now() + this.#jittered(ms), pause: LOOK_MS });
		}
	}

	#schedule() {
		this.#cancel?.();
		const next = Math.min(...[...this.#plans.values()].map(({ at }) => at - this.#now()), CHECK_MS);
		this.#cancel = this.#options.environment.timers.after(Math.max(next, LOOK_ALONE_MS), () => {
			this.#tick();
			this.#schedule();
		});
	}

	#tick() {
		const isRoot = this.#options.isRoot();
		// The mesh may have come apart, and the other part has another root.
		if (isRoot && !this.#wasRoot) this.#plan(LOOK_MS / 2);
		this.#wasRoot = isRoot;
		for (const [branch, plan] of this.#plans) {
			if (plan.at > this.#now() || branch === this.#options.home()) continue;
			plan.at = this.#now() + this.#jittered(plan.pause);
			plan.pause = Math.min(2 * plan.pause, LOOK_MAX_MS);
			if (isRoot) void this.#look(branch, MAX_BRIDGE_STEPS);
		}
	}

	async #look(branch: Branch, steps: number) {
		await this.#options.visits.during(branch, async (isThere) => {
			if (!isThere) return this.#pass(LOOK + branch.region.mark, steps, steps === MAX_BRIDGE_STEPS ? LOOK_ASKS : 1);
			const found = await this.#list(branch);
			this.#options.found(found, branch);
			const stranger = await this.#stranger(found);
			if (stranger === undefined) return;
			const plan = this.#plans.get(branch);
			if (plan !== undefined) Object.assign(plan, { at: this.#now() + this.#jittered(LOOK_MS), pause: LOOK_MS });
			this.#options.bridge(stranger);
		});
	}

	/** The peers of the room that the deployment names, from a random one on. */
	async #list({ use, session, welcome }: Branch): Promise<string[]> {
		const { environment, selfId } = this.#options;
		const target = environment.randomHex(40);
		const peers = use === "visit" ? welcome.peers : await session.findPeers({ target }).catch(() => []);
		const ids = peers.flatMap(({ id }) => (isId(id) && id !== selfId ? [id] : []));
		return rotated(ids, this.#options.environment.random);
	}

	/** One that the mesh does not reach. */
	async #stranger(peerIds: readonly string[]): Promise<string | undefined> {
		for (const peerId of peerIds.slice(0, MAX_PROBES)) if (!(await this.#options.reaches(peerId))) return peerId;
		return undefined;
	}

	#pass(to: string, steps: number, count = 1) {
		const neighbours = rotated(this.#options.neighbours(), this.#options.environment.random);
		if (steps > 0) for (const next of neighbours.slice(0, count)) this.#options.ask(next, to, steps - 1);
	}
}
