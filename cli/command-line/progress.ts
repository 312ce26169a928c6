import type { Output } from "./console.ts";

/** A line about the work of a command. */
export interface Progress {
	/** The command now does something else. */
	update(what: string): void;
	/** Removes the line, so that others can be written. It comes back with the next update. */
	hide(): void;
	end(): void;
}

/** Work that is over sooner gets no line, which would flicker. */
const DELAY_MS = 1_000;
const FRAME_MS = 80;
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const CLEAR = "\r\u001b[2K";

/** A line with a spinner on a terminal, nothing elsewhere. */
export function createProgress(stream: Output, first: string): Progress {
	if (stream.isTTY !== true) return { update() {}, hide() {}, end() {} };
	let what = first;
	let frame = 0;
	let shown = false;
	let timer: NodeJS.Timeout | undefined;

	const draw = () => {
		frame = (frame + 1) % FRAMES.length;
		shown = true;
		stream.write(`${CLEAR}${FRAMES[frame]} ${what}`);
	};
	const start = () => {
		timer = setTimeout(() => {
			draw();
			timer = setInterval(draw, FRAME_MS);
		}, DELAY_MS);
	};
	const hide = () => {
		clearTimeout(timer);
		timer = undefined;
		if (shown) stream.write(CLEAR);
		shown = false;
	};

	start();
	return {
		update(text) {
			what = text;
			if (timer === undefined) start();
		},
		hide,
		end: hide,
	};
}
