/**
 * Signals of this peer on their way through the mesh. Each is looked after until it has arrived, and an offer until it is answered. If
 * that does not come in time, the same frame goes by the server: the attempt goes on, since a receiver that has it ignores the
 * copy. Without the server it takes another way through the mesh.
 */
import type { Environment } from "../environment.ts";
import { isObject } from "../json.ts";
import { ARRIVAL_MS, DETOUR_MS, MAX_DETOURS, MAX_HOPS, MAX_PARCELS, REPLY_MS } from "../limits.ts";
import type { RelayedFrame } from "../signaling/session.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Carried } from "./words.ts";

export interface ParcelsOptions {
	readonly environment: Pick<Environment, "timers" | "randomHex">;
	readonly selfId: string;
	readonly surroundings: Surroundings;
	/** Looks for ways to a peer. @param avoid a neighbour that leads nowhere */
	search(peerId: string, avoid: string | undefined): Promise<unknown>;
	/** Rejects if the link is full or has ended. */
	send(neighbour: string, word: Carried, body: Uint8Array): Promise<void>;
	/** Whether signals reach the server now. */
	isServerUp(): boolean;
	/** Sends by the server, as all signals to this peer from now on for a while. */
	toServer(to: string, frame: RelayedFrame): void;
	/** The mesh does not bring an offer to a peer. @returns whether the call to it, if it is one, is given up for another peer */
	giveUp(to: string): boolean;
	/** Whether there is still a link, or one in the making, that the frame could be of. */
	isWanted(to: string): boolean;
}

interface Parcel {
	readonly to: string;
	readonly frame: RelayedFrame;
	readonly body: Uint8Array;
	/** The neighbour that it went to last. */
	via?: string | undefined;
	/** Names it on its present way. */
	id?: string | undefined;
	detours: number;
	cancel(): void;
}

export class Parcels {
	readonly #options: ParcelsOptions;
	readonly #parcels = new Set<Parcel>();

	constructor(options: ParcelsOptions) {
		this.#options = options;
	}

	/** @returns false if too many are on their way */
	take(to: string, frame: RelayedFrame, body: Uint8Array): boolean {
		if (this.#parcels.size >= MAX_PARCELS) return false;
		const parcel: Parcel = { to, frame, body, detours: 0, cancel() {} };
		this.#parcels.add(parcel);
		void this.#start(parcel);
		return true;
	}

	/** A peer on the way, or the receiver, says what became of one. */
	told(via: string, id: string, arrived: boolean) {
		for (const parcel of this.#parcels) {
			if (parcel.id !== id || parcel.via !== via) continue;
			if (!arrived) this.#failed(parcel);
			else if (isOffer(parcel.frame)) this.#await(parcel, REPLY_MS);
			else this.#drop(parcel);
			return;
		}
	}

	/** The peer has sent something: it has our offer, or calls us. */
	heardFrom(peerId: string): void {
		for (const parcel of [...this.#parcels]) if (parcel.to === peerId && isOffer(parcel.frame)) this.#drop(parcel);
	}

	/** The link to the peer is open, or this peer leaves. */
	end(peerId?: string): void {
		for (const parcel of [...this.#parcels]) if (peerId === undefined || parcel.to === peerId) this.#drop(parcel);
	}

	async #start(parcel: Parcel) {
		const { surroundings, search } = this.#options;
		const { to } = parcel;
		const next = () => surroundings.next(to, parcel.via === undefined ? [to] : [to, parcel.via]);
		let via = next();
		if (via === undefined) {
			await search(to, parcel.via);
			if (!this.#parcels.has(parcel)) return;
			via = next();
		}
		parcel.via = via;
		if (via === undefined) this.#failed(parcel);
		else this.#dispatch(parcel, via);
	}

	#dispatch(parcel: Parcel, via: string) {
		const { environment, selfId, send } = this.#options;
		const id = environment.randomHex(16);
		parcel.id = id;
		this.#await(parcel, ARRIVAL_MS);
		const word: Carried = { is: "signal", id, from: selfId, to: parcel.to, hops: MAX_HOPS };
		send(via, word, parcel.body).catch(() => parcel.id === id && this.#failed(parcel));
	}

	#await(parcel: Parcel, ms: number) {
		parcel.cancel();
		parcel.cancel = this.#options.environment.timers.after(ms, () => this.#failed(parcel));
	}

	#failed(parcel: Parcel) {
		const { surroundings, isServerUp, isWanted, giveUp, toServer, environment } = this.#options;
		if (!this.#parcels.has(parcel)) return;
		const { to, frame, via } = parcel;
		if (via !== undefined) surroundings.unlearn(to, via);
		// A refusal has no link.
		const isLate = frame.type !== "connection_rejected" && !isWanted(to);
		// A peer that no way leads to may be on another island: the server is to bring them together.
		const mayGiveUp = isServerUp() ? via !== undefined : parcel.detours > 0;
		if (!isLate && isOffer(frame) && mayGiveUp && giveUp(to)) return this.#drop(parcel);
		if (isLate || isServerUp() || parcel.detours++ >= MAX_DETOURS) {
			this.#drop(parcel);
			if (!isLate) toServer(to, frame);
			return;
		}
		parcel.id = undefined;
		parcel.cancel();
		parcel.cancel = environment.timers.after(DETOUR_MS, () => void this.#start(parcel));
	}

	#drop(parcel: Parcel) {
		parcel.cancel();
		this.#parcels.delete(parcel);
	}
}

/** Whether an answer to it is to come. */
function isOffer({ signal }: RelayedFrame): boolean {
	return isObject(signal) && signal.type === "offer";
}
