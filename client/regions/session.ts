/**
 * A peer's presence on one of several deployments, and for moments on others. The mesh takes it for one session.
 *
 * The word of a deployment about a peer holds for that deployment alone: its notices, its times, and `PEER_NOT_FOUND`.
 */
import { createEmitter } from "../emitter.ts";
import type { Environment } from "../environment.ts";
import { MeshError } from "../errors.ts";
import { heedless } from "../heedless.ts";
import { JOIN_DEADLINE_MS, MAX_BRIDGE_STEPS } from "../limits.ts";
import type { SessionHost } from "../mesh/peer.ts";
import { createSession, type SessionOptions } from "../signaling/index.ts";
import type { RelayedFrame, Session, SessionEvents, SessionState } from "../signaling/session.ts";
import { Branch } from "./branch.ts";
import { Doubts } from "./doubts.ts";
import { Forwarding } from "./forwarding.ts";
import { Lookout } from "./lookout.ts";
import { byDistance } from "./nearest.ts";
import { type List, News } from "./news.ts";
import { Places } from "./places.ts";
import { ranked } from "./rank.ts";
import type { Regions } from "./read.ts";
import { Seat } from "./seat.ts";
import { Visits } from "./visits.ts";

export class RegionalSession implements Session {
	readonly on: Session["on"];
	readonly #emit: ReturnType<typeof createEmitter<SessionEvents>>["emit"];
	readonly #environment: Environment;
	readonly #host: SessionHost;
	readonly #selfId: string;
	readonly #isNearest: boolean;
	/** In the order of the room. */
	readonly #branches: readonly Branch[];
	readonly #places = new Places();
	readonly #seat: Seat;
	readonly #visits: Visits;
	readonly #lookout: Lookout;
	readonly #doubts: Doubts;
	readonly #forwarding: Forwarding;
	readonly #news: News;
	#state: SessionState = "new";
	/** The join that was asked for, until the end. */
	#joined: { readonly promise: Promise<void>; resolve(): void; reject(error: MeshError): void } | undefined;
	#cancelDeadline = () => {};
	#lastError: MeshError | undefined;
	#hearsLinks = false;

	constructor({ regions, home }: Regions, options: SessionOptions, environment: Environment, host: SessionHost) {
		const { on, emit } = createEmitter<SessionEvents>();
		this.on = on;
		this.#emit = emit;
		this.#environment = environment;
		this.#host = host;
		this.#selfId = options.peerId;
		this.#isNearest = home === "nearest";
		this.#branches = ranked(regions, options.room).map(
			(region) => new Branch(region, createSession({ ...options, url: region.url }, environment)),
		);
		const parts = { environment, timers: environment.timers, selfId: this.#selfId, branches: this.#branches };
		const reaches = (peerId: string) => host.reaches(peerId);
		const ownHome = () => this.#seat.home;
		this.#seat = new Seat({ environment, moved: (to) => this.#moved(to), refused: (error) => this.#giveUp(error) });
		this.#visits = new Visits({ environment, isBusy: (branch) => this.#isBusy(branch) });
		this.#doubts = new Doubts({ environment, reaches, gone: (peerId) => this.#news.gone(peerId) });
		this.#forwarding = new Forwarding({ ...parts, places: this.#places, visits: this.#visits, home: ownHome });
		this.#news = new News({ ...parts, places: this.#places, doubts: this.#doubts, forwarding: this.#forwarding, emit });
		this.#lookout = new Lookout({
			...parts,
			visits: this.#visits,
			reaches,
			home: ownHome,
			isRoot: () => host.leads(),
			neighbours: () => host.ours(),
			ask: (neighbour, to, steps) => host.control([neighbour], { kind: "bridge", to, steps }),
			bridge: (peerId) => host.bridge(peerId, MAX_BRIDGE_STEPS),
			found: (peerIds, branch) => {
				for (const peerId of peerIds) this.#places.learn(peerId, branch);
			},
		});
		for (const branch of this.#branches) {
			this.#hear(branch);
			this.#news.hear(branch);
		}
	}

	get state(): SessionState {
		return this.#state;
	}

	/** The name of the deployment that this peer is at home in. */
	get region(): string | undefined {
		return this.#seat.home?.region.name;
	}

	join(): Promise<void> {
		return heedless(this.#join());
	}

	async #join(): Promise<void> {
		if (this.#joined !== undefined) return this.#joined.promise;
		let resolve = () => {};
		let reject = (_: MeshError) => {};
		const promise = new Promise<void>((...settle) => {
			[resolve, reject] = settle;
		});
		const joined = { promise, resolve, reject };
		heedless(promise);
		this.#joined = joined;
		this.#listenToLinks();
		this.#cancelDeadline = this.#environment.timers.after(JOIN_DEADLINE_MS, () =>
			this.#giveUp(new MeshError("TIMEOUT", "Not joined in time.", { cause: this.#lastError })),
		);
		this.#setState("joining");
		const branches = this.#branches;
		const order = this.#isNearest ? await byDistance(branches, this.#environment) : branches;
		if (this.#joined === joined) this.#seat.start(order);
		return promise;
	}

	async leave(): Promise<void> {
		this.#end(new MeshError("CLOSED", "The mesh was left."));
		await Promise.all(this.#branches.map((branch) => branch.leave()));
	}

	close(): void {
		this.#end(new MeshError("CLOSED", "The mesh was left."));
		for (const branch of this.#branches) {
			branch.use = "none";
			branch.session.close();
		}
	}

	send(to: string, frame: RelayedFrame): void {
		this.#forwarding.send(to, frame);
	}

	probe(): void {
		for (const { use, session } of this.#branches) if (use !== "none") session.probe();
	}

	async findPeers(query?: { readonly target?: string; readonly count?: number }): Promise<List> {
		const { home } = this.#seat;
		// A peer that is looked for may be at a deployment that this peer visits.
		const there = this.#places.of(query?.target ?? "").filter((branch) => branch !== home && branch.isJoined);
		const asked = [...(home ? [home] : []), ...there];
		const lists = asked.map(async (branch) => this.#news.listed(await branch.session.findPeers(query), branch));
		return (await Promise.all(lists)).flat();
	}

	/** A neighbour asks for a bridge. @returns whether it was a request to look into a deployment */
	asked(to: string, steps: number): boolean {
		return this.#state === "joined" && this.#lookout.asked(to, steps);
	}

	#hear(branch: Branch) {
		const { on } = branch.session;
		on("welcome", (welcome, resumed) => {
			branch.welcome = welcome;
			if (branch === this.#seat.home) this.#welcome(branch, resumed);
			else this.#seat.welcomed(branch);
		});
		on("frame", () => this.#visits.used(branch));
		on("state", (state) => this.#changed(branch, state));
		on("error", (error) => this.#failed(branch, error));
		on("traffic", (direction, frame) => this.#emit("traffic", direction, frame));
	}

	/** The mesh makes its links after its session. */
	#listenToLinks() {
		if (this.#hearsLinks) return;
		this.#hearsLinks = true;
		this.#host.links.on("disconnect", (peerId) => {
			const { home } = this.#seat;
			// No deployment that this peer is at would tell of its end.
			if (this.#state !== "left" && home && !this.#places.of(peerId).includes(home)) this.#doubts.raise(peerId);
		});
	}

	#changed(branch: Branch, state: SessionState) {
		if (branch !== this.#seat.home || branch.use !== "home") return;
		// Another client has the id, or the server will not have this one any more. The error follows.
		if (state === "left") {
			this.#end(new MeshError("CLOSED", "The mesh was left."));
			for (const other of this.#branches) if (other !== branch) void other.leave();
			return;
		}
		this.#setState(state);
		this.#seat.homeChanged(state === "joined");
	}

	#failed(branch: Branch, error: MeshError) {
		this.#lastError = error;
		this.#seat.failed(branch);
		this.#visits.failed(branch);
		// Of a visit, or of a return that fails, no application needs to know. A refusal for good is told once it counts.
		const isTold = this.#state === "joining" && branch.session.state !== "left";
		if (branch.use === "home" || isTold) this.#emit("error", error);
	}

	#setState(state: SessionState) {
		if (this.#state === state) return;
		this.#state = state;
		this.#emit("state", state);
	}

	#moved(home: Branch) {
		this.#cancelDeadline();
		this.#setState("joined");
		this.#host.emitter.emit("region", home.region.name);
		this.#welcome(home, false);
		this.#joined?.resolve();
	}

	#welcome(home: Branch, resumed: boolean) {
		const peers = this.#news.listed(home.welcome.peers, home);
		this.#emit("welcome", { ...home.welcome, peers }, resumed);
		if (!resumed) this.#lookout.start(peers.length === 0 && this.#host.peers().length === 0);
	}

	/** Whether a link is being made with a peer of that deployment. */
	#isBusy(branch: Branch): boolean {
		return this.#host.links.all().some(({ peerId, state }) => {
			return state !== "open" && this.#places.of(peerId).includes(branch);
		});
	}

	#giveUp(error: MeshError) {
		if (this.#joined === undefined) return;
		this.#end(error);
		for (const branch of this.#branches) void branch.leave();
		this.#emit("error", error);
	}

	/** Everything ends, but for the connections. */
	#end(error: MeshError) {
		const joined = this.#joined;
		if (joined === undefined && this.#state !== "new") return;
		this.#joined = undefined;
		this.#cancelDeadline();
		this.#seat.stop();
		this.#lookout.stop();
		this.#doubts.clear();
		this.#places.clear();
		this.#forwarding.clear();
		this.#setState("left");
		joined?.reject(error);
	}
}
