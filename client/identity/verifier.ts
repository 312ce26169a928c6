/** Decides whether something that came in a peer's name is that peer's. */
import { BoundedMap } from "../bounded-map.ts";
import { MeshError } from "../errors.ts";
import { Limiter } from "../limiter.ts";
import {
	CHECKS_MS,
	ENQUIRIES_MS,
	MAX_CHECKS,
	MAX_ENQUIRIES,
	MAX_MESH_CHECKS,
	MAX_PINS,
	REFUSAL_TOLD_MS,
	VERDICT_MS,
} from "../limits.ts";
import type { Candidate, PeerKey } from "../mesh/api.ts";
import type { Way } from "../mesh/post.ts";
import type { MeshOptions } from "../options.ts";
import type { IdentityHost } from "./index.ts";
import { hashOf, importKey, isSignature } from "./keys.ts";
import { Pin, Pins } from "./pins.ts";
import { bytesToSign, readSeal, type Seal } from "./seal.ts";
import type { Content, Kind } from "./signals.ts";

type Vouched = PeerKey["vouched"];

export class Verifier {
	readonly #host: IdentityHost;
	readonly #verify: MeshOptions["verify"];
	readonly #pins: Pins;
	/** By way and peer, and of the whole mesh: a check takes processor time, and anybody can ask for one. */
	readonly #checks: Limiter;
	readonly #meshChecks: Limiter;
	/** Of one peer, and of all. */
	readonly #enquiries: Limiter;
	readonly #allEnquiries: Limiter;
	readonly #told: Limiter;
	/** What the application said last of a peer, and when, by `Timers.elapsed`. */
	readonly #verdicts = new BoundedMap<
		string,
		{ readonly peer: Candidate; readonly good: boolean; readonly at: number }
	>(MAX_PINS);

	constructor(host: IdentityHost, verify: MeshOptions["verify"]) {
		const { timers } = host.environment;
		this.#host = host;
		this.#verify = verify;
		this.#pins = new Pins((peerId) => host.links.get(peerId) !== undefined);
		this.#checks = new Limiter(timers, MAX_CHECKS, CHECKS_MS);
		this.#meshChecks = new Limiter(timers, MAX_MESH_CHECKS, CHECKS_MS);
		this.#enquiries = new Limiter(timers, 1, CHECKS_MS);
		this.#allEnquiries = new Limiter(timers, MAX_ENQUIRIES, ENQUIRIES_MS);
		this.#told = new Limiter(timers, 1, REFUSAL_TOLD_MS);
	}

	keyOf(peerId: string): PeerKey | undefined {
		const pin = this.#pins.get(peerId);
		return pin && { key: pin.key, vouched: pin.vouched };
	}

	/** The server named a peer. Its word outweighs a key that only the mesh has shown. */
	named(peerId: string): void {
		const pin = this.#pins.get(peerId);
		const told = this.#host.roster.identity(peerId);
		if (pin?.vouched === "mesh") {
			if (told === pin.key) pin.vouched = "server";
			else this.#unmask(peerId);
		} else if (pin?.vouched === "server" && told === "" && this.#host.links.get(peerId) === undefined) {
			this.#pins.delete(peerId); // a client without a key has its id now
		}
	}

	/** Whether a content that came in a peer's name is its own, was not here before, and the application lets the peer in. */
	async takes(peerId: string, kind: Kind, { seal: written, ...content }: Content, way: Way): Promise<boolean> {
		if (peerId === this.#host.peerId) return false;
		if (written === undefined) return this.#takesUnsigned(peerId, way);
		const seal = readSeal(written);
		if (seal === undefined) return this.#refuse(peerId, "its seal has a wrong form");
		// A repeated signal is no fault: signaling repeats a frame if its arrival is uncertain.
		if (!this.#mayCheck(peerId, way)) return false;
		const key = await hashOf(seal.key);
		const known = this.#pins.get(peerId);
		if (known?.key === key && !known.isNew(seal.n)) return false;

		const vouched = this.#voucher(peerId, key, way) ?? (await this.#voucherAfterEnquiry(peerId, key, way));
		if (vouched === undefined) return this.#refuse(peerId, "its key is not the one that is known");
		const pin = known?.key === key ? known : await this.#import(seal, key, vouched);
		const data = bytesToSign({ room: this.#host.room, from: peerId, to: this.#host.peerId }, kind, seal.n, content);
		if (pin === undefined || !(await isSignature(pin.imported, seal.signature, data))) {
			return this.#refuse(peerId, "its signature is wrong");
		}
		// The server may have said more in this time.
		if (this.#voucher(peerId, key, way) !== vouched) return false;
		return this.#note(peerId, pin, seal.n, vouched);
	}

	/** A client without keys is heard through the server alone. */
	#takesUnsigned(peerId: string, way: Way): boolean | Promise<boolean> {
		const hasKey = this.#pins.get(peerId) !== undefined || Boolean(this.#host.roster.identity(peerId));
		if (way === "mesh" || hasKey) return this.#refuse(peerId, "it is not signed");
		return this.#verify === undefined || (this.#mayCheck(peerId, way) && this.#admits({ peerId }));
	}

	#mayCheck(peerId: string, way: Way): boolean {
		// A peer that forges names in the mesh does not use up the checks of signals by the server.
		return this.#checks.allows(`${way} ${peerId}`) && (way === "server" || this.#meshChecks.allows(""));
	}

	/** How it is known that this key is the peer's. Undefined: it is not, or another key is the peer's. */
	#voucher(peerId: string, key: string, way: Way): Vouched | undefined {
		if (key === peerId) return "id";
		const told = this.#host.roster.identity(peerId);
		const pin = this.#pins.get(peerId);
		// Its owner has shown the key of this id.
		if (pin?.vouched === "id") return undefined;
		if (told) return told === key ? "server" : undefined;
		if (way === "mesh" && told === "") return undefined;
		if (pin === undefined || pin.key === key) return way === "mesh" ? (pin?.vouched ?? "mesh") : "server";
		// The server stamps the sender's id, so it outweighs a key that only the mesh has shown.
		return way === "server" && pin.vouched === "mesh" ? "server" : undefined;
	}

	/** A page that was loaded again has another key, and the notice may have been lost. */
	async #voucherAfterEnquiry(peerId: string, key: string, way: Way): Promise<Vouched | undefined> {
		const mayAsk = way === "server" && this.#pins.get(peerId)?.vouched !== "id";
		if (!mayAsk || !this.#enquiries.allows(peerId) || !this.#allEnquiries.allows("")) return undefined;
		await this.#host.enquire(peerId).catch(() => {});
		return this.#voucher(peerId, key, way);
	}

	async #import(seal: Seal, key: string, vouched: Vouched): Promise<Pin | undefined> {
		const imported = await importKey(seal.key).catch(() => undefined);
		return imported && new Pin(key, vouched, imported);
	}

	/** The signature is right. */
	#note(peerId: string, pin: Pin, n: number, vouched: Vouched): boolean | Promise<boolean> {
		const known = this.#pins.get(peerId);
		if (known?.vouched === "mesh" && known !== pin) this.#unmask(peerId);
		pin.vouched = vouched;
		pin.note(n);
		this.#pins.set(peerId, pin);
		return this.#verify === undefined || this.#admits({ peerId, key: pin.key, vouched });
	}

	/** Asks the application, unless it has answered for this key with this voucher. */
	async #admits(peer: Candidate): Promise<boolean> {
		const { peerId, key, vouched } = peer;
		const now = this.#host.environment.timers.elapsed();
		const verdict = this.#verdicts.get(peerId);
		const isSame = verdict?.peer.key === key && verdict?.peer.vouched === vouched;
		if (verdict && isSame && (verdict.good || now - verdict.at < VERDICT_MS)) return verdict.good;
		let cause: unknown;
		const good = await this.#ask(peer).catch((error) => {
			cause = error;
			return false;
		});
		this.#verdicts.set(peerId, { peer, good, at: now });
		if (good) return true;
		this.#refuse(peerId, "verify did not let it in", cause);
		this.#host.expel(peerId);
		return false;
	}

	async #ask(peer: Candidate): Promise<boolean> {
		if (typeof this.#verify === "function") return (await this.#verify(peer)) === true;
		return peer.vouched === "id";
	}

	/** A peer that was met through the mesh is not the one that the server knows by that id. */
	#unmask(peerId: string) {
		this.#pins.delete(peerId);
		this.#refuse(peerId, "the peer that the mesh knows by this id has another key");
		this.#host.expel(peerId);
	}

	#refuse(peerId: string, why: string, cause?: unknown): false {
		if (this.#told.allows(peerId)) {
			const details = { peerId, ...(cause !== undefined && { cause }) };
			this.#host.emit("error", new MeshError("UNPROVEN", `A signal of ${peerId} was refused: ${why}.`, details));
		}
		return false;
	}
}
