import { billOf, type Load } from "./bill.ts";

/** A change that makes the bill smaller. */
export interface Saving {
	/** What to do, as a sentence. */
	readonly change: string;
	/** A month. */
	readonly dollars: number;
}

/** API Gateway ends a connection that is silent for 10 minutes. */
const LONGEST_HEARTBEAT = 480;

/** Two for each peer that a newcomer is introduced to: a description each way, with its candidates in it. */
const SIGNALS_PER_LINK = 2;

interface Lever {
	readonly change: string;
	/** The load after it, or undefined if it has been pulled already. */
	pull(load: Load): Partial<Load> | undefined;
}

const LEVERS: readonly Lever[] = [
	{
		change: `Ping every 8 minutes (heartbeatInterval: ${LONGEST_HEARTBEAT}_000), if the networks in between allow it.`,
		pull: ({ heartbeat }) =>
			heartbeat > 0 && heartbeat < LONGEST_HEARTBEAT ? { heartbeat: LONGEST_HEARTBEAT } : undefined,
	},
	{
		change: "Gather candidates into the descriptions: two signals for a link, as this project's client does.",
		pull: ({ signals, introduced }) =>
			signals > SIGNALS_PER_LINK * introduced ? { signals: SIGNALS_PER_LINK * introduced } : undefined,
	},
	{
		change: "Introduce to 5 peers (nearest_peers = 3, far_peers = 2), for a mesh that breaks sooner.",
		pull: ({ introduced }) => (introduced > 5 ? { introduced: 5 } : undefined),
	},
	{
		change: "Stay joined twice as long, such as over a change of the page or while the tab is hidden.",
		pull: ({ joins }) => (joins > 0 ? { joins: joins / 2 } : undefined),
	},
];

/** The changes that save something, the largest first. */
export function savingsOf(load: Load): Saving[] {
	const { total } = billOf(load);
	return LEVERS.flatMap(({ change, pull }) => {
		const after = pull(load);
		const dollars = after === undefined ? 0 : total - billOf({ ...load, ...after }).total;
		return dollars > 0 ? [{ change, dollars }] : [];
	}).sort((a, b) => b.dollars - a.dollars);
}
