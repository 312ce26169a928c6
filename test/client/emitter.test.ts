import { describe, expect, it, vi } from "vitest";
import { createEmitter } from "../../client/emitter.ts";

describe("an emitter", () => {
	const anEmitter = (report?: (error: unknown) => void) => createEmitter<{ said: [string, number]; done: [] }>(report);

	it("calls the listeners of an event, in the order in which they came", () => {
		const emitter = anEmitter();
		const calls: unknown[] = [];
		emitter.on("said", (...values) => void calls.push(["first", ...values]));
		emitter.on("said", (...values) => void calls.push(["second", ...values]));
		emitter.on("done", () => void calls.push("done"));

		emitter.emit("said", "a", 1);

		expect(calls).toEqual([
			["first", "a", 1],
			["second", "a", 1],
		]);
	});

	it("takes a listener away by what `on` gave, or by `off`", () => {
		const emitter = anEmitter();
		const listener = vi.fn();

		const off = emitter.on("done", listener);
		emitter.on("done", listener);
		off();
		off();
		emitter.emit("done");
		expect(listener).toHaveBeenCalledTimes(1);
		emitter.off("done", listener);
		emitter.off("done", listener);
		emitter.emit("done");

		expect(listener).toHaveBeenCalledTimes(1);
	});

	it("calls a listener of `once` once, even if it emits the event itself", () => {
		const emitter = anEmitter();
		const listener = vi.fn(() => emitter.emit("done"));
		const removed = vi.fn();

		emitter.once("done", listener);
		emitter.once("done", removed);
		emitter.off("done", removed);
		emitter.emit("done");
		emitter.emit("done");

		expect(listener).toHaveBeenCalledTimes(1);
		expect(removed).not.toHaveBeenCalled();
	});

	it("is not stopped by a listener that throws", () => {
		const reported: unknown[] = [];
		const emitter = anEmitter((error) => reported.push(error));
		const error = new Error("A listener's own.");
		const listener = vi.fn();
		emitter.on("done", () => {
			throw error;
		});
		emitter.on("done", listener);

		emitter.emit("done");

		expect(listener).toHaveBeenCalledTimes(1);
		expect(reported).toEqual([error]);
	});

	it("calls those that were there when the event came", () => {
		const emitter = anEmitter();
		const late = vi.fn();
		const gone = vi.fn();
		emitter.on("done", () => {
			emitter.on("done", late);
			emitter.off("done", gone);
		});
		emitter.on("done", gone);

		emitter.emit("done");

		expect(late).not.toHaveBeenCalled();
		expect(gone).toHaveBeenCalledTimes(1);
	});
});
