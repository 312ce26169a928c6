// Not TypeScript, so that the emulator's Node.js runs it as well.
import { Socket } from "node:net";

/** Timers of at least this many ms are limits: nothing that a test waits for takes as long. */
const LIMIT_MS = 200;
const FACTOR = 100;

/** @param {number} ms */
const ample = (ms) => (ms >= LIMIT_MS ? ms * FACTOR : ms);

/**
 * From now on the limits of calls in this process are a hundred times as long. They are of the real clock, and an answer takes
 * longer than they allow if the machine is busy: then the function gives up, or repeats the call.
 * @returns what ends that
 */
export function giveAmpleTime() {
	const { setTimeout } = globalThis;
	const { setTimeout: setSocketTimeout } = Socket.prototype;
	/** @type {(callback: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => unknown} */
	const stretched = (callback, ms = 0, ...args) => setTimeout(callback, ample(ms), ...args);
	globalThis.setTimeout = /** @type {typeof setTimeout} */ (Object.assign(stretched, setTimeout));
	/** @type {typeof setSocketTimeout} */
	Socket.prototype.setTimeout = function (ms, callback) {
		return setSocketTimeout.call(this, ample(ms), callback);
	};
	return () => {
		globalThis.setTimeout = setTimeout;
		Socket.prototype.setTimeout = setSocketTimeout;
	};
}
