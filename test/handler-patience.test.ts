/** A client that ends while DynamoDB fails. */
import { describe, expect, it } from "vitest";
import { DependencyError, type SignalingStore } from "../lambda/core/ports.ts";
import { createHandler } from "../lambda/handler.ts";
import { someDependencies, someLog } from "./support/defaults.ts";
import { aDisconnectEvent, aMessageEvent } from "./support/events.ts";

type Fault = (call: string) => Error | undefined;

const throttled = () => Object.assign(new Error("injected"), { name: "ThrottlingException" });
const denied = () => Object.assign(new Error("injected"), { name: "AccessDeniedException" });

/** alice and bob have joined. Time passes only during a sleep, and faults strike the store from `disconnect` on. */
async function aScene(fault: Fault) {
	const posted: { to: string; type: string; peerId?: string }[] = [];
	const log = someLog();
	const dependencies = someDependencies({
		post: (to, text) => {
			posted.push({ to, ...JSON.parse(text) });
			return "sent";
		},
		close: async () => {},
		isOpen: async () => true,
	});
	const calls: string[] = [];
	let broken = false;
	const store = new Proxy(dependencies.store, {
		get:
			(target, name: string & keyof SignalingStore) =>
			async (...args: unknown[]) => {
				calls.push(name);
				const cause = broken ? fault(name) : undefined;
				if (cause !== undefined) throw new DependencyError(`dynamodb:${name}`, { cause });
				return (target[name] as (...args: unknown[]) => unknown)(...args);
			},
	});
	const time = { now: 0, slept: [] as number[] };
	const handler = createHandler(
		{ ...dependencies, store, log },
		{
			now: () => time.now,
			sleep: async (ms) => {
				time.slept.push(ms);
				time.now += ms;
			},
			random: () => 0.5,
		},
	);

	for (const connectionId of ["alice", "bob"]) {
		const requestContext = { connectionId, connectedAt: Date.now() };
		await handler(aMessageEvent(JSON.stringify({ type: "join", peerId: connectionId }), { requestContext }));
	}
	posted.length = 0;
	calls.length = 0;
	broken = true;
	return {
		log,
		time,
		calls,
		left: () => posted.filter(({ type }) => type === "peer_left").map(({ to, peerId }) => ({ to, peerId })),
		/** Ends alice's connection, in an invocation that may take so many ms, or in one that does not know. */
		disconnect: (remaining?: number) =>
			handler(
				aDisconnectEvent({ requestContext: { connectionId: "alice" } }),
				remaining === undefined ? undefined : { getRemainingTimeInMillis: () => remaining - time.now },
			),
	};
}

describe("on DISCONNECT, if the table fails", () => {
	it("the handler waits until it works, and tells the neighbours once", async () => {
		let time = { now: 0 };
		const scene = await aScene(() => (time.now < 15_000 ? throttled() : undefined));
		time = scene.time;

		expect(await scene.disconnect(30_000)).toEqual({ statusCode: 200 });

		expect(scene.left()).toEqual([{ to: "bob", peerId: "alice" }]);
		expect(scene.log.lines.filter(({ level }) => level === "error")).toEqual([]);
	});

	it("each call is tried again by itself, so that no step is taken twice or left out", async () => {
		const struck = new Set<string>();
		const scene = await aScene((call) => {
			if (struck.has(call)) return undefined;
			struck.add(call);
			return throttled();
		});

		await scene.disconnect(30_000);

		expect(scene.left()).toEqual([{ to: "bob", peerId: "alice" }]);
		expect(struck.size).toBeGreaterThan(3);
	});

	it.each([
		["the default timeout", 30_000, 21_000],
		["a short timeout", 10_000, 2_000],
		["a long timeout", 900_000, 21_000],
		["a timeout that leaves no time", 5_000, 0],
	])("it gives up in time for %s, and says so", async (_timeout, remaining, most) => {
		const scene = await aScene(throttled);

		expect(await scene.disconnect(remaining)).toEqual({ statusCode: 200 });

		expect(scene.time.now).toBeLessThanOrEqual(most);
		expect(scene.time.now).toBeGreaterThanOrEqual(most - 4_000);
		expect(scene.log.lines.at(-1)).toMatchObject({ level: "error", event: "disconnect_failed" });
	});

	it("it waits longer each time, up to a few seconds", async () => {
		const scene = await aScene(throttled);

		await scene.disconnect(30_000);

		expect(scene.time.slept).toEqual([150, 300, 600, 1_200, 2_400, 3_000, 3_000, 3_000, 3_000, 3_000]);
	});

	it.each([
		["refuses the function for good", denied, 30_000],
		["throttles an invocation whose end is not known", throttled, undefined],
	])("it does not wait for a table that %s", async (_fault, cause, remaining) => {
		const scene = await aScene(cause);

		await scene.disconnect(remaining);

		expect(scene.time.slept).toEqual([]);
		expect(scene.calls).toHaveLength(1);
		expect(scene.log.lines.at(-1)).toMatchObject({ level: "error", event: "disconnect_failed" });
	});
});
