/** The chat, as it is shown and typed. */
import { appendTo, byId, element, setText } from "./dom.js";
import { hueOf, shortName } from "./names.js";

const MAX_LINES = 300;

/**
 * @typedef {object} Line
 * @property {string} who "you", or a peer's id
 * @property {string} text
 * @property {string} [note] e.g. to whom it went
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
		line({ who, text, note = "" }) {
			const name = element("b", { title: who }, who === "you" ? "you" : shortName(who));
			if (who !== "you") name.style.setProperty("--hue", String(hueOf(who)));
			const kind = who === "you" ? "own" : "theirs";
			const spoken = element("span", { className: "text" }, text);
			return append(element("li", { className: kind }, name, note && element("small", {}, note), spoken));
		},

		/** A line of the page itself. @param {string} text */
		remark: (text) => append(element("li", { className: "remark" }, text)),

		/** Whom one may write to. @param {readonly string[]} ids */
		offer(ids) {
			send.disabled = ids.length === 0;
			for (const option of [...to.options].slice(1)) {
				const here = ids.includes(option.value);
				// Who is chosen stays, also when gone: what is meant for one must not go to everyone.
				if (here || option.selected)
					setText(option, here ? shortName(option.value) : `${shortName(option.value)} (gone)`);
				else option.remove();
			}
			const offered = new Set([...to.options].map(({ value }) => value));
			for (const id of ids) if (!offered.has(id)) to.append(element("option", { value: id }, shortName(id)));
		},

		/** Turns to one peer. @param {string} id */
		writeTo(id) {
			to.value = id;
			input.focus();
		},
	};
}
