/** The chat: shows its lines, and takes the user's. */
import { appendTo, byId, element, setText } from "./dom.js";
import { hueOf, shortName, visible } from "./names.js";
import { label, nameOf } from "./people.js";

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
	const attach = byId("attach", HTMLButtonElement);

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

	/** The author: the chosen name, and the short id that no other peer has. */
	const author = (/** @type {string} */ id) => {
		const name = nameOf(id);
		const mark = element("span", { className: "mark" }, shortName(id));
		const who = element(
			"span",
			{ className: "who", title: visible(id) },
			...(name === "" ? [mark] : [element("b", {}, name), mark]),
		);
		who.style.setProperty("--hue", String(hueOf(id)));
		return who;
	};

	return {
		/** @param {Line} line */
		line({ from, text, note = "" }) {
			const who = from === undefined ? element("span", { className: "who" }, element("b", {}, "you")) : author(from);
			const head = element("span", { className: "head" }, who, note && element("small", {}, note));
			const spoken = element("span", { className: "text", dir: "auto" }, text);
			return append(element("li", { className: from === undefined ? "own" : "theirs" }, head, spoken));
		},

		/** Says beside a line how many peers have it. @param {HTMLLIElement} line @param {number} count */
		reached(line, count) {
			const place = line.querySelector(".reached") ?? line.appendChild(element("small", { className: "reached" }));
			setText(place, `reached ${count} ${count === 1 ? "peer" : "peers"}`);
		},

		/** A line from the page itself. @param {string} text */
		remark: (text) => append(element("li", { className: "remark" }, text)),

		/** Offers these peers as receivers. @param {readonly string[]} ids */
		offer(ids) {
			send.disabled = attach.disabled = ids.length === 0;
			for (const option of [...to.options].slice(1)) {
				const here = ids.includes(option.value);
				// The chosen peer stays, even if it is gone: a line that is meant for one peer must not go to everyone.
				if (here || option.selected) setText(option, here ? label(option.value) : `${label(option.value)} (gone)`);
				else option.remove();
			}
			const offered = new Set([...to.options].map(({ value }) => value));
			for (const id of ids) {
				if (!offered.has(id)) to.append(element("option", { value: id, title: visible(id) }, label(id)));
			}
		},

		/** The peer that the next line is for; "" for everyone. */
		receiver: () => to.value,

		/** Makes a peer the receiver of the next line. @param {string} id */
		writeTo(id) {
			to.value = id;
			input.focus();
		},
	};
}
