/** The one line above the mesh: the name, the room and the server of this page, and the buttons. */
/** @import { Mesh } from "./p2pmesh-client.js" */
import { byId, setText } from "./dom.js";
import { hueOf, shortName, visible } from "./names.js";
import { cleanName, suggestName } from "./people.js";

/** The names that the page gives to the states of a mesh. */
export const STATES = {
	new: "Not connected",
	joining: "Joining",
	joined: "Joined",
	reconnecting: "Reconnecting",
	left: "Not connected",
};

/** The key under which the tab stores the name that its user chose. */
const NAME_KEY = "p2pmesh-name";

/** @param {{ stop: () => void, rename: (name: string) => void }} parts `rename` is called with each new name */
export function createBar({ stop, rename }) {
	const name = byId("name", HTMLInputElement);
	const pill = byId("state", HTMLElement);
	const stopButton = byId("stop", HTMLButtonElement);
	const mark = byId("my-mark", HTMLElement);
	let peerId = "";
	/** Whether the user chose the name. */
	let isChosen = false;

	// For browsers that cannot size a field by its content.
	const resize = () => {
		name.size = Math.max(6, [...name.value].length + 1);
	};

	name.oninput = resize;
	name.onchange = () => {
		isChosen = cleanName(name.value) !== "";
		name.value = cleanName(name.value) || suggestName(peerId);
		resize();
		if (isChosen) sessionStorage.setItem(NAME_KEY, name.value);
		else sessionStorage.removeItem(NAME_KEY);
		rename(name.value);
	};
	name.onkeydown = ({ key }) => {
		if (key === "Enter") name.blur();
	};
	stopButton.onclick = stop;
	const stored = cleanName(sessionStorage.getItem(NAME_KEY));
	if (stored !== "") {
		isChosen = true;
		name.value = stored;
	}

	return {
		name: () => cleanName(name.value) || suggestName(peerId),

		/** Takes this page's peer id: the colour, and the name if none was chosen, follow from it. @param {string} id */
		identify(id) {
			peerId = id;
			document.documentElement.style.setProperty("--self-hue", String(hueOf(id)));
			setText(mark, shortName(id));
			mark.title = visible(id);
			if (!isChosen) name.value = suggestName(id);
			resize();
		},

		/** @param {{ room: string, urls: readonly string[] } | undefined} where undefined if the mesh does not run */
		setRunning(where) {
			const focused = document.activeElement;
			const isRunning = where !== undefined;
			stopButton.hidden = !isRunning;
			byId("tagline", HTMLElement).hidden = isRunning;
			byId("where", HTMLElement).hidden = !isRunning;
			document.body.dataset.phase = isRunning ? "running" : "stopped";
			if (where !== undefined) {
				setText(byId("where-room", HTMLElement), visible(where.room));
				const server = byId("where-server", HTMLElement);
				const [url = ""] = where.urls;
				if (where.urls.length > 1) setText(server, `${where.urls.length} regions`);
				else setText(server, URL.canParse(url) ? new URL(url).host : url);
				server.title = where.urls.join("\n");
			}
			// The button that was pressed goes away. Its opposite takes the focus.
			if (focused === stopButton || focused === byId("start", HTMLElement))
				(isRunning ? stopButton : byId("start", HTMLElement)).focus();
		},

		/** Shows the region that the room is at home in, as this page knows it. @param {string} name @param {number} count of all regions */
		setHome(name, count) {
			setText(byId("where-server", HTMLElement), `${visible(name)}, one of ${count} regions`);
		},

		/** @param {Mesh["state"]} state */
		show(state) {
			pill.dataset.state = state;
			setText(pill, STATES[state]);
		},
	};
}
