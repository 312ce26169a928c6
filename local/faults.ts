/**
 * A gateway that misbehaves on purpose. API Gateway does all of this, seldom and at bad moments; here a test chooses it.
 * docs/local-gateway.md says which weakness each fault looks for.
 *
 * A fault stands between the gateway and the function: it changes how the function is called, how its callbacks are
 * answered, or both.
 */
import { setMaxListeners } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { GatewayHandler } from "../lambda/gateway-event.ts";
import type { Answer, Callbacks } from "./callbacks.ts";
import { seededRandom } from "./seeded-random.ts";

export interface GatewayFaults {
	/** From which all chance follows. What the network and the timers do is not repeated by it. @default 1 */
	readonly seed?: number;
	/** Every frame of a client is handled after a random delay of up to so many ms, so that frames overtake each other. */
	readonly frameDelayMs?: number;
	/** How often `$disconnect` is called for a connection: never, or twice at once. @default 1 */
	readonly disconnects?: 0 | 1 | 2;
	/** How long after the end of a connection `$disconnect` is called, in ms. @default 0 */
	readonly disconnectDelayMs?: number;
	/** How long callbacks for a connection that has ended are answered as if it were there, in ms. @default 0 */
	readonly goneDelayMs?: number;
	/** Callbacks that are answered 429. Nothing is delivered. */
	readonly throttled?: Share;
	/** Callbacks that are answered 500. About half of them are carried out nevertheless: a 500 does not tell. */
	readonly failed?: Share;
	/**
	 * Freezes the function while no invocation is under way: work that it did not await goes on when the next one begins. Its
	 * calls to the gateway are held; its timers run.
	 */
	readonly freezes?: boolean;
}

/** Which callbacks are struck: a random share, from 0 to 1, or the first so many for each connection. */
export type Share = { readonly share: number } | { readonly firstOfEach: number };

/** The faults as layers, around the function and around its callbacks. */
export interface InjectedFaults {
	handler(inner: GatewayHandler): GatewayHandler;
	callbacks(inner: Callbacks): Callbacks;
	/** Drops calls of `$disconnect` that are still to come, because the gateway closes. */
	stop(): void;
}

type Fault = Partial<InjectedFaults>;

export function injectFaults(faults: GatewayFaults = {}): InjectedFaults {
	const { frameDelayMs = 0, disconnects = 1, disconnectDelayMs = 0, goneDelayMs = 0, throttled, failed } = faults;
	const random = seededRandom(faults.seed ?? 1);

	// From the gateway to the function. Events pass the list from its beginning, callbacks from its end.
	const layers: Fault[] = [];
	if (goneDelayMs > 0) layers.push(lateGone(goneDelayMs));
	if (disconnects !== 1 || disconnectDelayMs > 0) layers.push(oddDisconnects(disconnects, disconnectDelayMs));
	if (frameDelayMs > 0) layers.push(disorder(frameDelayMs, random));
	if (throttled !== undefined) layers.push(refusals("throttled", throttled, random));
	if (failed !== undefined) layers.push(refusals("failed", failed, random));
	if (faults.freezes) layers.push(freeze());

	return {
		handler: (inner) => layers.reduceRight((wrapped, layer) => layer.handler?.(wrapped) ?? wrapped, inner),
		callbacks: (inner) => layers.reduce((wrapped, layer) => layer.callbacks?.(wrapped) ?? wrapped, inner),
		stop() {
			for (const layer of layers) layer.stop?.();
		},
	};
}

function disorder(maxDelayMs: number, random: () => number): Fault {
	return {
		handler: (inner) => async (event) => {
			if (event.requestContext.eventType === "MESSAGE") await sleep(random() * maxDelayMs);
			return inner(event);
		},
	};
}

function oddDisconnects(times: number, delayMs: number): Fault {
	const stopped = new AbortController();
	setMaxListeners(0, stopped.signal); // one for each connection that has ended
	return {
		handler: (inner) => async (event) => {
			if (event.requestContext.eventType !== "DISCONNECT") return inner(event);
			if (delayMs > 0) await sleep(delayMs, undefined, { signal: stopped.signal }).catch(() => {});
			if (!stopped.signal.aborted) await Promise.all(Array.from({ length: times }, () => inner(event)));
			return { statusCode: 200 };
		},
		stop: () => stopped.abort(),
	};
}

function lateGone(delayMs: number): Fault {
	/** Connections that are there, or were until recently. */
	const known = new Set<string>();
	const soften = (connectionId: string, answer: Answer) =>
		answer === "gone" && known.has(connectionId) ? "ok" : answer;
	return {
		handler: (inner) => async (event) => {
			const { eventType, connectionId } = event.requestContext;
			if (eventType === "DISCONNECT") setTimeout(() => known.delete(connectionId), delayMs).unref();
			const result = await inner(event);
			if (eventType === "CONNECT" && result.statusCode === 200) known.add(connectionId);
			return result;
		},
		callbacks: (inner) => ({
			post: async (id, text) => soften(id, await inner.post(id, text)),
			close: async (id) => soften(id, await inner.close(id)),
			look: async (id) => soften(id, await inner.look(id)),
		}),
	};
}

function refusals(answer: "throttled" | "failed", which: Share, random: () => number): Fault {
	const counts = new Map<string, number>();
	const strikes = (connectionId: string): boolean => {
		if ("share" in which) return random() < which.share;
		const count = (counts.get(connectionId) ?? 0) + 1;
		counts.set(connectionId, count);
		return count <= which.firstOfEach;
	};
	const call = async (connectionId: string, carryOut: () => Answer | Promise<Answer>): Promise<Answer> => {
		if (!strikes(connectionId)) return carryOut();
		if (answer === "failed" && random() < 0.5) await carryOut();
		return answer;
	};
	return {
		callbacks: (inner) => ({
			post: (id, text) => call(id, () => inner.post(id, text)),
			close: (id) => call(id, () => inner.close(id)),
			look: (id) => call(id, () => inner.look(id)),
		}),
	};
}

function freeze(): Fault {
	let underWay = 0;
	const held: (() => void)[] = [];
	const awake = async () => {
		// A call that is not awaited begins while its invocation still runs. Let the invocation end first.
		await new Promise((resolve) => setImmediate(resolve));
		if (underWay === 0) await new Promise<void>((resolve) => held.push(resolve));
	};
	return {
		handler: (inner) => async (event) => {
			underWay++;
			for (const resume of held.splice(0)) resume();
			try {
				return await inner(event);
			} finally {
				underWay--;
			}
		},
		callbacks: (inner) => ({
			post: (id, text) => awake().then(() => inner.post(id, text)),
			close: (id) => awake().then(() => inner.close(id)),
			look: (id) => awake().then(() => inner.look(id)),
		}),
	};
}
