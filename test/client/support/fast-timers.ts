import type { Timers } from "../../../client/environment.ts";

/** Timers that go faster than the real clock: for clients that talk to real servers and wait for long in between. */
export function fastTimers(speed: number): Timers {
	const began = performance.now();
	const elapsed = () => (performance.now() - began) * speed;
	return {
		elapsed,
		now: () => Date.now() + elapsed(),
		after(ms, callback) {
			const due = elapsed() + ms;
			const look = () => {
				const left = due - elapsed();
				if (left <= 0) callback();
				else timer = setTimeout(look, Math.ceil(left / speed));
			};
			let timer = setTimeout(look, Math.ceil(ms / speed));
			return () => clearTimeout(timer);
		},
	};
}
