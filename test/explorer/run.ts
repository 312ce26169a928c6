/** One run of a scenario over the real core. */
import { AMPLE_RATES, someSettings } from "../support/defaults.ts";
import type { Choices } from "./choices.ts";
import { createClients, type Perform, sharedInstancesOf } from "./clients.ts";
import { type History, type Lease, wasDisconnected } from "./history.ts";
import { type Action, idOf, join, type Scenario, signal } from "./scenario.ts";
import { type Bounds, createScheduler } from "./scheduler.ts";
import { createServer, type Happenings } from "./server.ts";

/** A client of no scenario, and an instance that has handled no frame. */
const NEWCOMER = "dave";
const FRESH_INSTANCE = 9;

/**
 * @param onStep hears what happens, step by step, in words
 */
export async function run(
	scenario: Scenario,
	bounds: Bounds,
	choices: Choices,
	onStep?: (step: string) => void,
): Promise<History> {
	const clients = [...new Set([...scenario.before, ...scenario.beside.flat()].map(({ client }) => client))];
	const happenings: Happenings = {
		events: [],
		invocations: [],
		internalErrors: [],
		leases: new Map(clients.map((client) => [idOf(client), undefined])),
		open: new Map([...clients, NEWCOMER].map((client) => [client, true])),
		resumeKeys: new Map(),
	};
	const settings = someSettings({
		...AMPLE_RATES,
		farPeers: 0,
		duplicatePeerPolicy: scenario.duplicatePeerPolicy ?? "replace",
	});
	const scheduler = createScheduler(bounds, choices, onStep);
	const server = createServer(happenings, scheduler, settings);
	const perform = createClients(happenings, scheduler, server, sharedInstancesOf(scenario));

	for (const action of scenario.before) await perform(action);
	await scheduler.begin();
	if (bounds.staleReads) server.freezeEventualReads();
	for (const line of scenario.beside) void performLine(line, perform, happenings);
	await scheduler.finish();

	const healed = happenings.invocations.some(({ outcome }) => outcome === "died")
		? await heal(happenings, choices, async (action) => {
				server.thawEventualReads();
				onStep?.(`-- later: ${action.client}: ${action.does}`);
				await perform(action);
			})
		: 0;
	const { events, invocations, internalErrors, leases, open } = happenings;
	return {
		events,
		invocations,
		internalErrors,
		leases,
		clients,
		open: new Set(clients.filter((client) => open.get(client))),
		faulted: invocations.some(({ hit }) => hit),
		healed,
	};
}

async function performLine(line: readonly Action[], perform: Perform, { open }: Happenings): Promise<void> {
	for (const [index, action] of line.entries()) {
		// The first frame of a line may be under way when its socket ends. Later ones are sent by an open socket.
		if (index === 0 || open.get(action.client) === true) await perform(action);
	}
}

/**
 * After an invocation has died, one later frame meets each lease of a dead connection: a signal of a peer that is there,
 * or the join of a newcomer. Both ways are tried.
 * @returns how many such leases there were
 */
async function heal(happenings: Happenings, choices: Choices, perform: Perform): Promise<number> {
	const { leases, open, invocations } = happenings;
	const isGhost = (lease: Lease | undefined): lease is Lease =>
		lease !== undefined && open.get(lease.client) !== true && wasDisconnected(invocations, lease.client);
	const ghosts = [...leases].filter(([, lease]) => isGhost(lease));
	for (const [peerId] of ghosts) {
		const witness = [...leases.values()].find((lease) => lease !== undefined && open.get(lease.client) === true);
		const bySignal = witness !== undefined && choices.choose(2) === 0;
		await perform(bySignal ? signal(witness.client, peerId, FRESH_INSTANCE) : join(NEWCOMER, FRESH_INSTANCE));
	}
	return ghosts.length;
}
