/** The chat: shows its lines, and takes the user's. */
import { appendTo, byId, element, setText } from "./dom.js";
import { hueOf, shortName, visible } from "./names.js";

const MAX_LINES = 300;

/**
 * @typedef {object} Line
 * @property {string} [from] a peer's id; without it the line is the user's own
 * @property {string} text
 * @property {string} [note] e.g. the receiver
 */

/** @param {{ say: (text: string, to: string) => void }} parts `to` is "" for everyone */
export function createChat({ say }) {
	const list = byId("chat", HTMLOListElement);
	const form = byId("say", HTMLFormElement);
	const to = byId("to", HTMLSelectElement);
	const input = byId("text", HTMLInputElement);
	const send = byId("send", HTMLButtonElement);

	form.onsubmit = (event) => {
		event.preventDefault();
		const text = input.value.trim();
		if (text === "" || send.disabled) return;
		input.value = "";
		say(text, to.value);
	};

	const append = (/** @type {HTMLLIElement} */ item) => {
		appendTo(list, item);
		while (list.children.length > MAX_LINES) list.firstChild?.remove();
		return item;
	};

	return {
		/** @param {Line} line */
		line({ from, text, note = "" }) {
			const isOwn = from === undefined;
			const name = element("b", { title: isOwn ? "" : visible(from) }, isOwn ? "you" : shortName(from));
			if (!isOwn) name.style.setProperty("--hue", String(hueOf(from)));
			const kind = isOwn ? "own" : "theirs";
			const spoken = element("span", { className: "text" }, text);
			return append(element("li", { className: kind }, name, note && element("small", {}, note), spoken));
		},

		/** A line from the page itself. @param {string} text */
		remark: (text) => append(element("li", { className: "remark" }, text)),

		/** Offers these peers as receivers. @param {readonly string[]} ids */
		offer(ids) {
			send.disabled = ids.length === 0;
			for (const option of [...to.options].slice(1)) {
				const here = ids.includes(option.value);
				// The chosen peer stays, even if it is gone: a line that is meant for one peer must not go to everyone.
				if (here || option.selected)
					setText(option, here ? shortName(option.value) : `${shortName(option.value)} (gone)`);
				else option.remove();
			}
			const offered = new Set([...to.options].map(({ value }) => value));
			for (const id of ids)
				if (!offered.has(id)) to.append(element("option", { value: id, title: visible(id) }, shortName(id)));
		},

		/** Makes a peer the receiver of the next line. @param {string} id */
		writeTo(id) {
			to.value = id;
			input.focus();
		},
	};
}
