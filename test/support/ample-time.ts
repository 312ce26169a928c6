import { Socket } from "node:net";

/** Timers of at least this many ms are limits: nothing that a test waits for takes as long. */
const LIMIT_MS = 200;
const FACTOR = 100;

const ample = (ms: number) => (ms >= LIMIT_MS ? ms * FACTOR : ms);

/**
 * From now on the limits of calls are a hundred times as long. They are of the real clock, and an answer that comes from
 * this process takes longer than they allow if the machine is busy: then the function gives up, or repeats the call.
 * @returns what ends that
 */
export function giveAmpleTime(): () => void {
	const { setTimeout } = globalThis;
	const { setTimeout: setSocketTimeout } = Socket.prototype;
	const stretched = (callback: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) =>
		setTimeout(callback, ample(ms), ...args);
	globalThis.setTimeout = Object.assign(stretched, setTimeout) as typeof setTimeout;
	Socket.prototype.setTimeout = function (ms, callback) {
		return setSocketTimeout.call(this, ample(ms), callback) as Socket;
	};
	return () => {
		globalThis.setTimeout = setTimeout;
		Socket.prototype.setTimeout = setSocketTimeout;
	};
}
