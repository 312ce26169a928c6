/**
 * One run of a scenario over the real core. Every call of the store and of the sender is two points at which another
 * invocation may go on: before the call takes effect, and before its caller hears of it.
 *
 * An instance remembers what is in its caches. So each invocation gets a core of its own, over the caches of its
 * instance and over ports that know the invocation. No call has to find out whose it is.
 */
import { memoryPeerStore } from "../../lambda/adapters/memory-peer-store.ts";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import type { Cache, Crypto, Log, PeerSender, PeerStore } from "../../lambda/core/ports.ts";
import { routingKey } from "../../lambda/core/routing-key.ts";
import { createSignaling, type Signaling } from "../../lambda/core/signaling.ts";
import type { Frame } from "../support/client.ts";
import { AMPLE_RATES, someSettings } from "../support/defaults.ts";
import type { Choices } from "./choices.ts";
import type { Event, History, Invocation, Lease } from "./history.ts";
import { isWelcome } from "./history.ts";
import { type Action, idOf, type Scenario } from "./scenario.ts";
import { type Bounds, createScheduler } from "./scheduler.ts";

const ROOM = "default";
const START = Date.UTC(2030, 0, 1);

/** Functions of the core that are dear, and the same in every run. */
const digests = new Map<string, string>();
const sha256 = (text: string): string => {
	let digest = digests.get(text);
	if (digest === undefined) digests.set(text, (digest = nodeCrypto.sha256(text)));
	return digest;
};

/** Gives "random" bytes that are the same in every run. */
function seededCrypto(): Crypto {
	let drawn = 0;
	return {
		...nodeCrypto,
		sha256,
		equal: (a, b) => a === b,
		random: (bytes) =>
			sha256(`draw ${++drawn}`)
				.slice(0, 2 * bytes)
				.padEnd(2 * bytes, "0"),
	};
}

const isRead = (call: string) => /^store\.(get|range)/.test(call);

/** Carries out one call of a port: `effect` is the call itself. */
type Through = (call: string, args: readonly unknown[], effect: () => Promise<unknown>) => Promise<unknown>;

/** The same port, with every call going through `through`. */
function watched<T extends object>(name: string, port: T, through: Through): T {
	const entries = Object.entries(port).map(([method, implementation]) => [
		method,
		(...args: unknown[]) => through(`${name}.${method}`, args, () => implementation.apply(port, args)),
	]);
	return Object.fromEntries(entries) as T;
}

/**
 * @param onStep hears what happens, step by step, in words
 */
export async function run(
	scenario: Scenario,
	bounds: Bounds,
	choices: Choices,
	onStep?: (step: string) => void,
): Promise<History> {
	const clock = { at: START, now: () => clock.at };
	const crypto = seededCrypto();
	const store = memoryPeerStore({ clock });
	const open = new Map<string, boolean>();
	const connectedAt = new Map<string, number>();
	const events: Event[] = [];
	const invocations: Invocation[] = [];
	const internalErrors: string[] = [];
	const leases = new Map<string, Lease | undefined>();
	const resumeKeys = new Map<string, string>();
	/** The caches of each instance, in the order in which its core asks for them. */
	const instances = new Map<number | string, Cache<object>[]>();
	const settings = someSettings({
		...AMPLE_RATES,
		farPeers: 0,
		duplicatePeerPolicy: scenario.duplicatePeerPolicy ?? "replace",
	});
	const shared = sharedInstances(scenario);
	const scheduler = createScheduler(bounds, choices, onStep);
	let signals = 0;

	const ignore = () => {};
	const log: Log = {
		debug: ignore,
		info: ignore,
		warn: ignore,
		error: (event, _fields, cause) => {
			if (event === "internal_error") internalErrors.push(`${event}: ${(cause as Error | undefined)?.stack}`);
		},
	};

	/** Whatever wrote them: a lease is looked at, so that the core may write it as it likes. */
	const lookAtLeases = async () => {
		for (const [peerId, before] of leases) {
			const record = await store.getPeer({ room: ROOM, peerId, key: routingKey(peerId, crypto) }, "strong");
			if (record?.connectionId === before?.client && record?.lastSeen === before?.at) continue;
			const after = record && { client: record.connectionId, at: record.lastSeen };
			leases.set(peerId, after);
			events.push({ kind: "held", peerId, ...(before && { before }), ...(after && { after }) });
		}
	};

	const senderOf = (invocation: Invocation): PeerSender => ({
		async post(to, text) {
			const frame: Frame = JSON.parse(text);
			const delivered = open.get(to) === true;
			if (delivered && isWelcome(frame)) resumeKeys.set(to, String(frame.resumeKey));
			events.push({ kind: "posted", by: invocation, to, frame, delivered, now: clock.now() });
			return delivered ? "sent" : "gone";
		},
		close: async (client) => endSocket(client),
		isOpen: async (client) => open.get(client) === true,
	});

	/** A core for one invocation at an instance. */
	const coreFor = (invocation: Invocation, instance: number | string): Signaling => {
		const caches = instances.get(instance) ?? [];
		instances.set(instance, caches);
		let asked = 0;
		const through: Through = async (call, args, effect) => {
			await scheduler.point(invocation, "effect", call, args);
			clock.at += 1;
			const result = await effect();
			if (call.startsWith("store.") && !isRead(call)) await lookAtLeases();
			await scheduler.point(invocation, "answer", call, args, result);
			return result;
		};
		return createSignaling({
			store: watched<PeerStore>("store", store, through),
			sender: watched<PeerSender>("sender", senderOf(invocation), through),
			clock,
			crypto,
			log,
			settings,
			createCache: <V extends object>() => (caches[asked++] ??= aCache()) as Cache<V>,
		});
	};

	/** The socket ends, from whichever side, and the gateway tells the function. */
	const endSocket = (client: string) => {
		if (open.get(client) !== true) return;
		open.set(client, false);
		events.push({ kind: "closed", client });
		const name = `$disconnect of ${client}`;
		const invocation: Invocation = {
			name,
			does: "disconnect",
			client,
			sharesInstance: false,
			outcome: "running",
			hit: false,
		};
		invocations.push(invocation);
		void scheduler.start(invocation, () => coreFor(invocation, name).disconnect(client));
	};

	const frameOf = (action: Action, mark: string): Frame => {
		if (action.does === "signal") return { type: "signal", to: action.to, id: mark };
		if (action.does === "leave") return { type: "leave" };
		if (action.does !== "join") throw new TypeError(`No frame stands for ${action.does}.`);
		const resumeKey = action.resumes && resumeKeys.get(action.resumes);
		return { type: "join", peerId: action.as, ...(resumeKey !== undefined && { resumeKey }) };
	};

	const perform = async (action: Action): Promise<void> => {
		const { client, does } = action;
		if (does === "wait") {
			await scheduler.step(`${action.ms} ms pass`);
			clock.at += action.ms;
			return;
		}
		if (does === "drop") {
			await scheduler.step(`${client} drops`);
			endSocket(client);
			return;
		}
		const mark = `signal ${++signals}`;
		const frame = frameOf(action, mark);
		const name = `${client}: ${does}${"to" in action ? ` to ${action.to}` : ""}`;
		const invocation: Invocation = {
			name,
			does,
			client,
			sharesInstance: shared.has(action.at),
			outcome: "running",
			hit: false,
			...(does === "signal" && { mark }),
		};
		invocations.push(invocation);
		await scheduler.start(invocation, () => {
			events.push({ kind: "received", by: invocation, now: clock.now() });
			if (!connectedAt.has(client)) connectedAt.set(client, clock.now());
			const connection = { id: client, connectedAt: connectedAt.get(client) ?? START };
			return coreFor(invocation, action.at).receive(connection, JSON.stringify(frame));
		});
		if (does === "signal" || isAnswered(invocation, events, open)) return;
		await scheduler.step(`${client} gives up`);
		endSocket(client);
	};

	const clients = [...new Set([...scenario.before, ...scenario.beside.flat()].map(({ client }) => client))];
	for (const client of clients) {
		open.set(client, true);
		leases.set(idOf(client), undefined);
	}
	for (const action of scenario.before) await perform(action);
	await scheduler.begin();
	for (const line of scenario.beside) {
		void (async () => {
			for (const [index, action] of line.entries()) {
				// The first frame of a line may be under way when its socket ends. Later ones are sent by an open socket.
				if (index === 0 || open.get(action.client) === true) await perform(action);
			}
		})();
	}
	await scheduler.finish();

	return {
		events,
		invocations,
		internalErrors,
		leases,
		clients,
		open: new Set(clients.filter((client) => open.get(client))),
		faulted: invocations.some(({ hit }) => hit),
	};
}

/** Whether a client knows what became of its `join` or `leave`, other than that it may try again. */
function isAnswered(by: Invocation, events: readonly Event[], open: ReadonlyMap<string, boolean>): boolean {
	if (open.get(by.client) !== true) return true;
	if (by.does === "leave") return false;
	return events.some(
		(event) =>
			event.kind === "posted" &&
			event.to === by.client &&
			event.delivered &&
			(isWelcome(event.frame) || (event.frame.type === "error" && event.frame.retryable !== true)),
	);
}

/** The instances that handle frames of more than one line. */
function sharedInstances({ beside }: Scenario): ReadonlySet<number> {
	const used = beside.flatMap((line) => [...new Set(line.flatMap((action) => ("at" in action ? [action.at] : [])))]);
	return new Set(used.filter((instance, index) => used.indexOf(instance) !== index));
}

function aCache(): Cache<object> {
	return new Map<string, object>();
}
