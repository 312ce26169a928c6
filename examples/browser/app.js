/** The page: puts together the form, the mesh, and the parts that show it. */
/** @import { Mesh, MeshError } from "./p2pmesh-client.js" */
/** @import { View } from "./roster.js" */
import { createChat } from "./chat.js";
import { byId, setText } from "./dom.js";
import { explain } from "./faults.js";
import { createForm } from "./form.js";
import { createGossip } from "./gossip.js";
import { createLog } from "./log.js";
import { chatMessage, readMessage } from "./messages.js";
import { shortName, visible } from "./names.js";
import { createMesh } from "./p2pmesh-client.js";
import { createScreen, STATES } from "./screen.js";
import { localUrl } from "./settings.js";

/** How often the page reads the links and their figures, for changes without an event. */
const LOOK_MS = 1_500;

/** Gossip comes in bursts. */
const GATHER_MS = 50;

/** Whether the page comes from `npm start`, which says so in a header and serves signaling at the same place. */
const served = await fetch(location.href, { method: "HEAD", cache: "no-store" }).then(
	({ headers }) => headers.has("p2pmesh-signaling"),
	() => false,
);
byId("not-running", HTMLElement).remove();

/** @type {Mesh | undefined} */
let mesh;
/** @type {ReturnType<typeof createGossip> | undefined} */
let gossip;

const log = createLog();
const chat = createChat({ say });
const screen = createScreen({ write: (id) => chat.writeTo(id) });
const form = createForm({
	localUrl: localUrl(location, served),
	submit: () => (mesh === undefined ? start() : stop()),
});

async function start() {
	form.showFault("");
	if (!form.check()) return;
	const settings = form.read();
	const { deployment, url, room, peerId, ownerKey, token, maxPeers } = settings;
	const server =
		deployment === "aws"
			? /** @type {const} */ ({ transportName: "aws-websocket", transportOptions: { url } })
			: { signalingServerUrl: url };
	try {
		const made = await createMesh({ ...server, room, peerId, ownerKey, maxPeers, ...(token !== "" && { token }) });
		run(made, (error, final) => {
			const { text, fieldId } = explain(error, settings);
			if (final) form.showFault(text, fieldId);
			else form.showFault(`${text} Trying again.`);
		});
	} catch (error) {
		const { text, fieldId } = explain(/** @type {MeshError} */ (error), settings);
		form.showFault(text, fieldId);
	}
}

/**
 * @param {Mesh} own
 * @param {(error: MeshError, final: boolean) => void} fault
 */
function run(own, fault) {
	mesh = own;
	gossip = createGossip(own, showSoon);
	form.setRunning(true);

	own.on("state", (state) => {
		log.event(STATES[state], state === "joined" ? "good" : "");
		if (state === "joined") form.showFault("");
		if (state === "left") ended(own);
		show();
	});
	own.on("peer:connect", (id) => log.event(`Linked with ${shortName(id)}`, "good"));
	own.on("peer:disconnect", (id) => log.event(`The link with ${shortName(id)} ended`));
	own.on("peer:discovered", (id) => log.event(`Introduced to ${shortName(id)}`));
	own.on("peer:gone", (id) => log.event(`${shortName(id)} left`));
	own.on("signaling", ({ direction, frame }) => log.frame(direction, frame));
	own.on("error", (error) => {
		log.event(visible(`${error.message} (${error.code})`), "bad");
		// A single link that failed is not a fault of the whole mesh.
		if (error.code !== "LINK_FAILED" && own.state !== "joined") fault(error, own.state === "left");
	});
	own.on("message", (message) => {
		if (gossip?.take(message)) return;
		const { text, isPrivate } = readMessage(message.data);
		chat.line({ from: message.from, text, note: isPrivate ? "to you" : "" });
	});
	// The `error` event tells of a failure as well, and a user who presses Stop knows.
	own.join().catch(() => {});
}

async function stop() {
	form.showFault("");
	await mesh?.leave();
}

/** @param {Mesh} own */
function ended(own) {
	if (mesh !== own) return;
	gossip?.close();
	mesh = gossip = undefined;
	form.setRunning(false);
}

/** @param {string} text @param {string} to a peer's id, or "" for everyone */
async function say(text, to) {
	if (mesh === undefined) return;
	const line = chat.line({ text, note: to && `to ${shortName(to)}` });
	try {
		const message = chatMessage(text, to !== "");
		await (to === "" ? mesh.broadcast(message) : mesh.send(to, message));
	} catch (error) {
		line.classList.add("failed");
		chat.remark(`Not delivered: ${visible(/** @type {MeshError} */ (error).message)}`);
	}
}

/** @returns {View} */
function currentView() {
	if (gossip !== undefined) return gossip.view();
	const selfId = form.read().peerId;
	return { selfId, peers: [{ id: selfId, hops: 0, state: "open", linked: [] }], links: [] };
}

function show() {
	const view = currentView();
	screen.show(view, mesh?.state ?? "new");
	const others = view.peers.filter(({ hops, state }) => hops > 0 && state === "open");
	chat.offer(others.map(({ id }) => id));
}

let isPlanned = false;
function showSoon() {
	if (isPlanned) return;
	isPlanned = true;
	setTimeout(() => {
		isPlanned = false;
		show();
	}, GATHER_MS);
}

setInterval(() => {
	if (mesh === undefined || document.hidden) return;
	show();
	void screen.showFigures(mesh);
}, LOOK_MS);

// A `leave` spares the other peers the wait for a timeout. A page that comes back from the browser's cache joins again.
addEventListener("pagehide", () => void mesh?.leave());
addEventListener("pageshow", ({ persisted }) => {
	if (persisted && served) void start();
});

const share = byId("share", HTMLButtonElement);
share.hidden = navigator.clipboard === undefined;
share.onclick = async () => {
	await navigator.clipboard.writeText(location.href);
	setText(byId("shared", HTMLElement), "Copied. The link holds the server and the room, not the token.");
};

show();
if (served && form.read().deployment === "local") void start();
