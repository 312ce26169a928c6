/**
 * The promises that every run keeps, each rule a pure function of the run's history.
 * Each gives the sentences that say how the run breaks it: none for a run that keeps it.
 */
import { REMEMBERED_MS } from "../../lambda/core/limits.ts";
import type { Frame } from "../support/client.ts";
import { deliveredTo, type Event, type History, isWelcome, type Lease, wasDisconnected } from "./history.ts";
import { idOf } from "./scenario.ts";

export type Invariant = (history: History) => string[];

/**
 * How long a frame of a replaced connection may still begin to be handled as the peer's after the welcome of its
 * successor, in ms.
 */
const ACTS_ON_MS = REMEMBERED_MS;

/** No frame of a connection is handled as its peer's once a later holder of the id has been welcomed. */
export const atMostOneActs: Invariant = ({ events, clients }) => {
	const tookLastAt = (client: string) =>
		events.findLastIndex((event) => event.kind === "held" && event.after?.client === client);
	const welcomes = new Map(
		clients.map((client) => [
			client,
			events.findIndex(
				(event) => event.kind === "posted" && event.to === client && event.delivered && isWelcome(event.frame),
			),
		]),
	);
	return events.flatMap((event) => {
		if (event.kind !== "posted" || event.frame.type !== "signal" || !event.delivered) return [];
		const { client } = event.by;
		const receivedAt = events.findIndex((other) => other.kind === "received" && other.by === event.by);
		return clients
			.filter((other) => other !== client && idOf(other) === idOf(client) && tookLastAt(other) > tookLastAt(client))
			.filter((other) => {
				const welcomedAt = welcomes.get(other) as number;
				return (
					welcomedAt !== -1 &&
					welcomedAt < receivedAt &&
					timeOf(events[receivedAt]) >= timeOf(events[welcomedAt]) + ACTS_ON_MS
				);
			})
			.map((other) => `A signal of ${client} was handled after the welcome of ${other} and went to ${event.to}.`);
	});
};

function timeOf(event: Event | undefined): number {
	return event !== undefined && "now" in event ? event.now : Number.NaN;
}

/** A connection that is open and was welcomed holds its id, or has been told that another does. */
export const noneIsForgotten: Invariant = (history) =>
	history.clients.flatMap((client) => {
		if (!history.open.has(client) || history.leases.get(idOf(client))?.client === client) return [];
		const frames = deliveredTo(history, client);
		const told = frames.some((frame) => frame.code === "PEER_ID_TAKEN" || frame.type === "go_away");
		return frames.some(isWelcome) && !told ? [`${client} is open and welcomed, holds no lease, and was not told.`] : [];
	});

/** The lease of a closed connection is gone once its `$disconnect` was handled. */
export const noGhost: Invariant = ({ leases, open, invocations }) =>
	[...leases].flatMap(([peerId, lease]) => {
		if (lease === undefined || open.has(lease.client)) return [];
		return wasDisconnected(invocations, lease.client)
			? [`${peerId} is held by ${lease.client}, which is closed, and its $disconnect was handled.`]
			: [];
	});

/** Of all that a peer was told of another, the last by the lease's time is true. See {@link leaseTimesGoBack}. */
export const lastNoticeIsTrue: Invariant = (history) => {
	if (history.faulted) return []; // a notice is one try
	return observations(history).flatMap(({ observer, peerId, present, lefts, lease }) => {
		if (leaseTimesGoBack(history, peerId)) return [];
		if (present === false && lease !== undefined)
			return [`${observer} was told last that ${peerId} left, and it is there.`];
		if (present === true && lefts > 0 && lease === undefined) {
			return [`${observer} was told last that ${peerId} joined, and it is not there.`];
		}
		return [];
	});
};

/**
 * Whether a lease of this id was written that is not later than a lease before it. A join reads its lease's time before
 * its write. If another lease of the id comes and goes between the two, the join does not see it.
 */
export function leaseTimesGoBack({ events }: Pick<History, "events">, peerId: string): boolean {
	let latest = Number.NEGATIVE_INFINITY;
	return events.some((event) => {
		if (event.kind !== "held" || event.peerId !== peerId || event.after === undefined) return false;
		const back = event.after.at <= latest;
		latest = Math.max(latest, event.after.at);
		return back;
	});
}

/** Each departure is told once to each peer that was told of the arrival. */
export const departureToldOnce: Invariant = (history) =>
	observations(history).flatMap(({ observer, peerId, present, lefts, lease, departures }) => {
		if (lefts > departures)
			return [`${observer} was told ${lefts} times that ${peerId} left; it left ${departures} times.`];
		const missed = present === true && lefts === 0 && lease === undefined && !history.faulted;
		return missed ? [`${observer} knew of ${peerId} and was never told that it left.`] : [];
	});

/** Each signal is delivered once, or answered by one error. */
export const signalOrError: Invariant = ({ events, invocations }) =>
	invocations.flatMap(({ does, mark, name, outcome, hit }) => {
		if (does !== "signal") return [];
		let [delivered, refused] = [0, 0];
		for (const event of events) {
			if (event.kind !== "posted" || event.frame.id !== mark) continue;
			if (event.frame.type === "error") refused += 1;
			else if (event.delivered) delivered += 1;
		}
		// The gateway answers for an invocation that fails. It does so too if an error frame arrived and its answer was lost.
		if (outcome === "rejected" && refused === 0) refused = 1;
		const lost = delivered + refused === 0 && outcome !== "died";
		const twice = delivered > 1 || refused > 1 || (delivered + refused > 1 && !hit);
		return lost || twice ? [`"${name}" was delivered ${delivered} times and refused ${refused} times.`] : [];
	});

/** Every invocation ends, and none by a fault of the core. */
export const nothingBreaks: Invariant = ({ invocations, internalErrors }) => [
	...internalErrors,
	...invocations.filter(({ outcome }) => outcome === "running").map(({ name }) => `"${name}" never ends.`),
	...invocations.filter(({ outcome, hit }) => outcome === "rejected" && !hit).map(({ name }) => `"${name}" rejects.`),
];

export const INVARIANTS = {
	atMostOneActs,
	noneIsForgotten,
	noGhost,
	lastNoticeIsTrue,
	departureToldOnce,
	signalOrError,
	nothingBreaks,
} as const satisfies Record<string, Invariant>;

export type InvariantName = keyof typeof INVARIANTS;

/** The knowledge that a peer has of another by the frames that reached it, beside the truth. The peer is still there. */
interface Observation {
	readonly observer: string;
	readonly peerId: string;
	/** Whether it believes that the other is there. Undefined: it was never told of it. */
	readonly present: boolean | undefined;
	/** How often it was told that the other left. */
	readonly lefts: number;
	/** How often the other did leave. */
	readonly departures: number;
	readonly lease: Lease | undefined;
}

function observations(history: History): Observation[] {
	const { leases, open } = history;
	return [...leases].flatMap(([peerId, lease]) => {
		const departures = history.events.filter(
			(event) => event.kind === "held" && event.peerId === peerId && event.after === undefined,
		).length;
		return history.clients
			.filter((client) => open.has(client) && idOf(client) !== peerId)
			.filter((client) => leases.get(idOf(client))?.client === client)
			.map((observer) => ({
				observer,
				peerId,
				lease,
				departures,
				...knowledge(deliveredTo(history, observer), peerId),
			}));
	});
}

/**
 * The knowledge of a client that follows the protocol about a peer: a statement about an older lease does not replace one about a
 * newer, and a lease that has ended does not come back.
 */
function knowledge(frames: readonly Frame[], peerId: string) {
	let known: { present: boolean; at: number | undefined } | undefined;
	let lefts = 0;
	const learn = (present: boolean, at: number | undefined) => {
		if (known?.at !== undefined && at !== undefined) {
			if (at < known.at || (at === known.at && present && !known.present)) return;
		}
		known = { present, at };
	};
	for (const frame of frames) {
		const at = typeof frame.at === "number" ? frame.at : undefined;
		if (frame.type === "bootstrap_peers") {
			for (const peer of frame.peers as { id: string; lastSeen: number }[]) {
				if (peer.id === peerId) learn(true, peer.lastSeen);
			}
		} else if (frame.peerId === peerId && frame.type === "peer_joined") {
			learn(true, at);
		} else if (frame.peerId === peerId && frame.type === "peer_left") {
			lefts += 1;
			learn(false, at);
		}
	}
	return { present: known?.present, lefts };
}
