import { describe, expect, it, onTestFinished, vi } from "vitest";
import { defaultEnvironment } from "../../client/default-environment.ts";

class Anything {}
const given = { WebSocket: Anything, RTCPeerConnection: Anything };

describe("the default environment", () => {
	it("takes what it is given, before what is there", () => {
		vi.stubGlobal("RTCPeerConnection", class Other {});
		onTestFinished(() => void vi.unstubAllGlobals());

		expect(defaultEnvironment(given).RTCPeerConnection).toBe(Anything);
		expect(defaultEnvironment({ WebSocket: Anything }).RTCPeerConnection).not.toBe(Anything);
	});

	it("gives random hexadecimal digits, as many as are wanted", () => {
		const { randomHex } = defaultEnvironment(given);

		expect(randomHex(40)).toMatch(/^[0-9a-f]{40}$/);
		expect(randomHex(7)).toMatch(/^[0-9a-f]{7}$/);
		expect(randomHex(40)).not.toBe(randomHex(40));
	});

	it("cancels a timer", async () => {
		const { timers } = defaultEnvironment(given);
		const cancelled = vi.fn();

		timers.after(0, cancelled)();
		await new Promise<void>((resolve) => void timers.after(0, resolve));

		expect(cancelled).not.toHaveBeenCalled();
	});

	it("calls no timer back before its time, although the browser's timers fire early", () => {
		let now = 0;
		const waits: { ms: number; fire: () => void }[] = [];
		vi.stubGlobal("performance", { now: () => now });
		vi.stubGlobal("setTimeout", (fire: () => void, ms: number) => waits.push({ ms, fire }));
		onTestFinished(() => void vi.unstubAllGlobals());
		const called = vi.fn();

		defaultEnvironment(given).timers.after(3_000.7, called);
		expect(waits[0]?.ms).toBe(3_001);
		now = 3_000;
		waits[0]?.fire();
		expect(called).not.toHaveBeenCalled();
		expect(waits[1]?.ms).toBe(1);
		now = 3_000.7;
		waits[1]?.fire();
		expect(called).toHaveBeenCalledOnce();
	});

	it("wakes when the network is back, the page is restored, and the page is visible, until that is ended", () => {
		const page = Object.assign(new EventTarget(), { visibilityState: "hidden" });
		const world = new EventTarget();
		vi.stubGlobal("document", page);
		vi.stubGlobal("addEventListener", world.addEventListener.bind(world));
		vi.stubGlobal("removeEventListener", world.removeEventListener.bind(world));
		onTestFinished(() => void vi.unstubAllGlobals());
		const callback = vi.fn();
		const all = () => {
			world.dispatchEvent(new Event("online"));
			world.dispatchEvent(new Event("pageshow"));
			page.dispatchEvent(new Event("visibilitychange"));
		};

		const end = defaultEnvironment(given).onWake(callback);
		all();
		expect(callback).toHaveBeenCalledTimes(2);
		page.visibilityState = "visible";
		all();
		expect(callback).toHaveBeenCalledTimes(5);
		end();
		all();

		expect(callback).toHaveBeenCalledTimes(5);
	});

	it("never wakes if there is no page, as in Node.js", () => {
		const end = defaultEnvironment(given).onWake(() => {});

		expect(end).not.toThrow();
	});
});
