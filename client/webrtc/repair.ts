/** What to do when the path of an open link breaks: wait whether it mends itself, then restart ICE once, then give up. */
import type { Timers } from "../environment.ts";
import { DISCONNECTED_MS, RESTART_MS } from "../limits.ts";

export interface RepairDuties {
	readonly timers: Timers;
	readonly connection: Pick<RTCPeerConnection, "connectionState">;
	/** How long the link may be `disconnected` before a restart, in ms. */
	readonly patienceMs: number;
	/** Whether a restart can help. */
	possible(): boolean;
	/** Starts an ICE restart, or asks the other side for one. */
	restart(): void;
	giveUp(): void;
}

export interface Repair {
	/** The connection's state changed. */
	watch(): void;
	/** The other side asks for a restart. */
	asked(): void;
	close(): void;
}

type Path =
	| { readonly name: "whole" }
	| { readonly name: "doubtful"; readonly cancel: () => void }
	| { readonly name: "restarting"; readonly cancel: () => void };

export function createRepair({ timers, connection, patienceMs, ...duties }: RepairDuties): Repair {
	let path: Path = { name: "whole" };

	const enter = (next: Path) => {
		if (path.name !== "whole") path.cancel();
		path = next;
	};

	const restart = () => {
		if (!duties.possible() || path.name === "restarting") return duties.giveUp();
		enter({ name: "restarting", cancel: timers.after(RESTART_MS, judge) });
		duties.restart();
	};

	/** If only the other side saw it break, no change of state says that it is mended. */
	const judge = () => {
		if (connection.connectionState !== "connected") return duties.giveUp();
		enter({ name: "whole" });
	};

	return {
		watch() {
			const { connectionState } = connection;
			if (connectionState === "connected") enter({ name: "whole" });
			else if (connectionState === "failed") restart();
			else if (connectionState === "closed") duties.giveUp();
			else if (connectionState === "disconnected" && path.name === "whole") {
				enter({ name: "doubtful", cancel: timers.after(patienceMs, restart) });
			}
		},
		asked() {
			if (duties.possible() && path.name !== "restarting") restart();
		},
		close: () => enter({ name: "whole" }),
	};
}

/** The called waits longer: most often the caller has seen it, too. */
export function patienceOf(role: "caller" | "called"): number {
	return role === "caller" ? DISCONNECTED_MS : 2 * DISCONNECTED_MS;
}
