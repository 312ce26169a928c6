/**
 * What to do when the path of an open link breaks: wait for a moment whether it mends itself, then restart ICE, say it again
 * if nothing is answered, and give up at last. Without signaling nothing can be mended, so time without it does not count.
 */
import type { Timers } from "../environment.ts";
import { DISCONNECTED_MS, DOUBT_POLL_MS, REPEAT_MS, RESTART_MS } from "../limits.ts";

/** The way that signals take to the other side. */
export interface SignalingHealth {
	/** Whether signals leave at once. */
	isUp(): boolean;
	/** Asks for a sign of life, so that a dead socket is found out now. */
	probe(): void;
}

export interface RepairDuties {
	readonly timers: Timers;
	readonly connection: Pick<RTCPeerConnection, "connectionState">;
	readonly role: "caller" | "called";
	readonly signaling: SignalingHealth;
	/** Whether a restart can help. */
	possible(): boolean;
	/** Starts an ICE restart, or asks the other side for one. */
	restart(): void;
	/** Says that again, if it was not answered. */
	repeat(): void;
	/** Whether the other side left a ping unanswered. */
	isSilent(): boolean;
	/** The connection says that it is whole: finds out whether it is, and calls `broke` if not. */
	check(): void;
	giveUp(): void;
}

export interface Repair {
	/** The connection's state changed. */
	watch(): void;
	/** A ping was not answered, which may have other reasons. */
	doubt(): void;
	/** The path is broken, although the connection's state may not say so. */
	broke(): void;
	/** The other side asks for a restart, or this side's network has changed during one. */
	again(): void;
	close(): void;
}

type Path =
	| { readonly name: "whole" }
	| { readonly name: "doubtful"; readonly cancel: () => void }
	| {
			readonly name: "restarting";
			readonly cancel: () => void;
			/** When the restart was last told to the other side. */
			readonly toldAt: number;
			/** ms with signaling that are left until the end. */
			readonly leftMs: number;
	  };

export function createRepair({ timers, connection, role, signaling, ...duties }: RepairDuties): Repair {
	let path: Path = { name: "whole" };

	const enter = (next: Path) => {
		if (path.name !== "whole") path.cancel();
		path = next;
	};

	const wait = (leftMs: number, toldAt: number) =>
		enter({ name: "restarting", cancel: timers.after(REPEAT_MS, judge), toldAt, leftMs });

	const restart = (leftMs = RESTART_MS) => {
		if (!duties.possible()) return duties.giveUp();
		wait(leftMs, timers.elapsed());
		signaling.probe();
		duties.restart();
	};

	const judge = () => {
		if (path.name !== "restarting") return;
		if (connection.connectionState === "connected") {
			// It is mended without a change of state, or the browser has not noticed yet that it is broken.
			enter({ name: "whole" });
			return duties.check();
		}
		const isUp = signaling.isUp();
		const leftMs = path.leftMs - (isUp ? REPEAT_MS : 0);
		if (leftMs <= 0) return duties.giveUp();
		wait(leftMs, isUp ? timers.elapsed() : path.toldAt);
		if (isUp) duties.repeat();
	};

	const broke = () => {
		if (path.name !== "restarting") restart();
	};

	/** Silent, and signaling dead as well: this side's network has changed, and the browser finds out later. */
	const suspect = () => enter({ name: "doubtful", cancel: timers.after(DOUBT_POLL_MS, look) });
	const look = () => {
		if (!duties.isSilent()) enter({ name: "whole" });
		else if (signaling.isUp()) suspect();
		else restart();
	};

	return {
		watch() {
			const { connectionState } = connection;
			if (connectionState === "connected") enter({ name: "whole" });
			else if (connectionState === "failed") broke();
			else if (connectionState === "closed") duties.giveUp();
			else if (connectionState === "disconnected" && duties.isSilent()) broke();
			else if (connectionState === "disconnected" && path.name === "whole") {
				// The called waits longer: most often the caller has seen it, too.
				const patienceMs = role === "caller" ? DISCONNECTED_MS : 2 * DISCONNECTED_MS;
				enter({ name: "doubtful", cancel: timers.after(patienceMs, restart) });
				signaling.probe();
			}
		},
		doubt() {
			signaling.probe();
			if (path.name === "doubtful") restart();
			else if (path.name === "whole") suspect();
		},
		broke,
		again() {
			if (!duties.possible()) return;
			if (path.name !== "restarting") return restart();
			// The offer may be lost, or its candidates may belong to the old network. Not more often than it would be repeated.
			if (timers.elapsed() - path.toldAt >= REPEAT_MS / 2) restart(path.leftMs);
		},
		close: () => enter({ name: "whole" }),
	};
}
