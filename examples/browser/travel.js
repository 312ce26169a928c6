/** Shows things on their way along the lines of the graph. */
import { shape } from "./svg.js";

/** How long a line stays lit if the user wants no movement. */
const CALM_MS = 1_500;

/** Most things on their way at a time. */
const MAX_TRAVELLERS = 200;

/**
 * @typedef {object} Journey
 * @property {SVGPathElement} path
 * @property {boolean} backwards whether it goes from the path's end to its beginning
 * @property {string} kind the class of the dot
 * @property {number} [hue] its colour
 * @property {number} durationMs
 * @property {() => void} [arrive]
 */

/** @param {SVGGElement} layer gets the dots */
export function createTravel(layer) {
	const calm = matchMedia("(prefers-reduced-motion: reduce)");

	/** @type {Map<SVGPathElement, number>} how many use each line */
	const lit = new Map();
	const light = (/** @type {SVGPathElement} */ path, /** @type {1 | -1} */ change) => {
		const count = (lit.get(path) ?? 0) + change;
		if (count > 0) lit.set(path, count);
		else lit.delete(path);
		path.classList.toggle("carrying", count > 0);
	};

	/** @param {Journey} journey */
	return ({ path, backwards, kind, hue, durationMs, arrive }) => {
		// A hidden tab gets no animation frames.
		if (document.hidden || layer.childElementCount >= MAX_TRAVELLERS) return;
		// A line that was just made has no place before the next animation frame.
		if (!path.hasAttribute("d")) return arrive?.();
		light(path, 1);
		if (calm.matches) {
			arrive?.();
			setTimeout(() => light(path, -1), CALM_MS);
			return;
		}
		const traveller = shape("circle", { class: `traveller ${kind}`, r: 6 });
		if (hue !== undefined) traveller.style.setProperty("--hue", String(hue));
		layer.append(traveller);

		// By a timer, because a window behind others gets hardly any animation frames.
		setTimeout(() => {
			traveller.remove();
			light(path, -1);
			arrive?.();
		}, durationMs);
		const place = (/** @type {number} */ share) => {
			const eased = share < 0.5 ? 2 * share ** 2 : 1 - 2 * (1 - share) ** 2;
			// The line may move, too.
			const { x, y } = path.getPointAtLength(path.getTotalLength() * (backwards ? 1 - eased : eased));
			traveller.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
		};
		let begun = 0;
		const step = (/** @type {number} */ now) => {
			if (!traveller.isConnected || !path.isConnected) return;
			begun ||= now;
			place(Math.min(1, (now - begun) / durationMs));
			requestAnimationFrame(step);
		};
		place(0);
		requestAnimationFrame(step);
	};
}
