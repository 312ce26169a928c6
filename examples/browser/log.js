/** The log of events, and on demand of every signaling frame. */
/** @import { Frame } from "./frames.js" */
import { appendTo, byId, element, scrollToEnd } from "./dom.js";
import { describeFrame } from "./frames.js";
import { shortName, visible } from "./names.js";

/** Lines kept of each kind. There are many frames, and they must not push the events out. */
const MAX_KEPT = 200;

export function createLog() {
	const list = byId("log", HTMLOListElement);
	const showFrames = byId("show-frames", HTMLInputElement);
	/** @type {Record<"event" | "frame", HTMLElement[]>} */
	const kept = { event: [], frame: [] };

	const update = () => {
		list.classList.toggle("with-frames", showFrames.checked);
		scrollToEnd(list);
	};
	showFrames.onchange = update;
	update();
	byId("clear", HTMLButtonElement).onclick = () => {
		list.replaceChildren();
		kept.event.length = kept.frame.length = 0;
	};

	/** @param {"event" | "frame"} kind @param {string} className @param {Node | string} content */
	const append = (kind, className, content) => {
		const now = new Date();
		const time = element("time", { dateTime: now.toISOString() }, now.toLocaleTimeString("en-GB"));
		const item = element("li", { className }, time, content);
		appendTo(list, item);
		if (kept[kind].push(item) > MAX_KEPT) kept[kind].shift()?.remove();
	};

	return {
		/** @param {string} text @param {"" | "good" | "bad"} [mood] */
		event: (text, mood = "") => append("event", `event ${mood}`, element("span", {}, text)),

		/** @param {"in" | "out"} direction @param {Frame} frame */
		frame(direction, frame) {
			const arrow = element("span", { ariaHidden: "true" }, direction === "in" ? "←" : "→");
			const said = element("span", { className: "unseen" }, direction === "in" ? "received" : "sent");
			const summary = element("summary", {}, arrow, said, ` ${visible(describeFrame(direction, frame, shortName))}`);
			const details = element("details", {}, summary);
			// A session description has kilobytes, so the page writes it out only when the user opens it.
			details.ontoggle = () => {
				if (details.open && details.childElementCount === 1) {
					const lines = JSON.stringify(frame, null, 2).replaceAll("\\r\\n", "\n").split("\n");
					details.append(element("pre", { tabIndex: 0 }, lines.map(visible).join("\n")));
				}
			};
			append("frame", `frame ${direction}`, details);
		},
	};
}
