/** The page: puts together the form, the mesh, and the parts that show it. */
/** @import { Mesh, MeshError } from "./p2pmesh-client.js" */
import { createBar, STATES } from "./bar.js";
import { createChat } from "./chat.js";
import { byId } from "./dom.js";
import { explain } from "./faults.js";
import { createFiles } from "./files.js";
import { createForm } from "./form.js";
import { namesStun } from "./frames.js";
import { createLog } from "./log.js";
import { cameMessage, chatMessage, newKey, readCame, readMessage } from "./messages.js";
import { visible } from "./names.js";
import { createMesh } from "./p2pmesh-client.js";
import { label, learnName } from "./people.js";
import { createScreen } from "./screen.js";
import { localUrl } from "./settings.js";
import { createSharing } from "./share.js";
import { createTrace } from "./trace.js";
import { reachable, viewOf } from "./view.js";

/** How often the page reads the links and their figures, for changes without an event. */
const LOOK_MS = 1_500;

/** Peers come in bursts. */
const GATHER_MS = 50;

/** Whether the page comes from `npm start`, which says so in a header and serves signaling at the same place. */
const served = await fetch(location.href, { method: "HEAD", cache: "no-store" }).then(
	({ headers }) => headers.has("p2pmesh-signaling"),
	() => false,
);
byId("not-running", HTMLElement).remove();

/** @type {Mesh | undefined} */
let mesh;
/** @type {ReturnType<typeof createTrace> | undefined} */
let trace;

const log = createLog();
const chat = createChat({ say });
const files = createFiles({ chat, getMesh: () => mesh });
const screen = createScreen({ write: (id) => chat.writeTo(id) });
const bar = createBar({ stop, rename: (name) => mesh?.setMetadata({ name }).catch(() => {}) });
const form = createForm({
	localUrl: localUrl(location, served),
	submit: () => void start(),
	identify: (id) => bar.identify(id),
});
const share = createSharing({ hasServer: served });
for (const id of ["share", "invite"]) byId(id, HTMLButtonElement).onclick = () => void share();

async function start() {
	form.showFault("");
	if (mesh !== undefined || !form.check()) return;
	const settings = form.read();
	const { deployment, url, urls, room, peerId, ownerKey, token, maxPeers } = settings;
	const metadata = { name: bar.name() };
	/** @type {import("./p2pmesh-client.js").MeshOptions} */
	let server = { signalingServerUrl: url };
	if (urls.length > 1) server = { regions: urls };
	else if (deployment === "aws") server = { transportName: "aws-websocket", transportOptions: { url } };
	try {
		const made = await createMesh({
			...server,
			room,
			peerId,
			ownerKey,
			maxPeers,
			metadata,
			...(token !== "" && { token }),
		});
		run(made, settings);
	} catch (error) {
		const { text, fieldId } = explain(/** @type {MeshError} */ (error), settings);
		form.showFault(text, fieldId);
	}
}

/**
 * @param {Mesh} own
 * @param {ReturnType<typeof form.read>} settings
 */
function run(own, settings) {
	mesh = own;
	const { peerId } = own;
	const carry = (/** @type {string} */ from, /** @type {string} */ to, /** @type {number} */ inMs) =>
		void setTimeout(() => screen.graph.carry({ from, to, author: peerId }), inMs);
	trace = createTrace({ selfId: peerId, carry });
	bar.setRunning(settings);
	form.setRunning(true);

	own.on("state", (state) => {
		log.event(STATES[state], state === "joined" ? "good" : "");
		if (state === "joined") form.showFault("");
		if (state === "left") ended(own);
		show();
	});
	own.on("region", (name) => {
		log.event(`At home in ${visible(name)}`, "good");
		bar.setHome(name, settings.urls.length);
	});
	own.on("peer:discovered", (id) => log.event(`Introduced to ${label(id)}`));
	own.on("peer:connect", (id) => {
		log.event(`Linked with ${label(id)}`, "good");
		showSoon();
	});
	own.on("peer:disconnect", (id) => {
		log.event(`The link with ${label(id)} ended`);
		showSoon();
	});
	own.on("peer:join", (id, { name }) => {
		learnName(id, name);
		log.event(`${label(id)} is here`);
		showSoon();
	});
	own.on("peer:update", (id, { name }) => {
		const before = label(id);
		learnName(id, name);
		if (label(id) !== before) log.event(`${before} is now ${label(id)}`);
		showSoon();
	});
	own.on("peer:leave", (id) => {
		log.event(`${label(id)} left`);
		showSoon();
	});
	own.on("signaling", ({ direction, frame }) => {
		log.frame(direction, frame);
		screen.graph.signal(direction);
		if (frame.type === "bootstrap_peers") byId("no-stun", HTMLElement).hidden = namesStun(frame);
	});
	own.on("error", (error) => {
		log.event(visible(`${error.message} (${error.code})`), "bad");
		// A single link that failed is not a fault of the whole mesh.
		if (error.code === "LINK_FAILED" || own.state === "joined") return;
		const { text, fieldId } = explain(error, settings);
		if (own.state === "left") form.showFault(text, fieldId);
		else if (own.peers.length === 0) form.showFault(`${text} Trying again.`);
	});
	own.on("message", (message) => hear(own, message));
	own.on("transfer", (transfer) => files.offer(transfer));
	// The `error` event tells of a failure as well, and a user who presses Stop knows.
	own.join().catch(() => {});
}

/** @param {Mesh} own @param {import("./p2pmesh-client.js").Message} message */
function hear(own, message) {
	const { from, via, data } = message;
	const came = readCame(data);
	if (came !== undefined) return trace?.hear(from, came.key, came.via);
	const { text, isPrivate, key } = readMessage(data);
	chat.line({ from, text, note: isPrivate ? "to you" : "" });
	screen.graph.carry({ from: via, to: own.peerId, author: from });
	// The author does not miss it if it is lost.
	if (key !== "") own.send(from, cameMessage(key, via)).catch(() => {});
}

async function stop() {
	form.showFault("");
	await mesh?.leave();
}

/** @param {Mesh} own */
function ended(own) {
	if (mesh !== own) return;
	mesh = trace = undefined;
	form.setRunning(false);
	bar.setRunning(undefined);
}

/** @param {string} text @param {string} to a peer's id, or "" for everyone */
async function say(text, to) {
	if (mesh === undefined) return;
	const line = chat.line({ text, note: to && `to ${label(to)}` });
	const key = newKey();
	trace?.follow(key, (count) => chat.reached(line, count));
	try {
		const message = chatMessage(text, to !== "", key);
		await (to === "" ? mesh.broadcast(message) : mesh.send(to, message));
	} catch (error) {
		line.classList.add("failed");
		chat.remark(`Not delivered: ${visible(/** @type {MeshError} */ (error).message)}`);
	}
}

function show() {
	const view = viewOf(mesh ?? { peerId: form.read().peerId, links: () => [], members: () => [] });
	const state = mesh?.state ?? "new";
	bar.show(state);
	screen.show(view, state);
	chat.offer(reachable(view).map(({ id }) => id));
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

show();
if (served && form.read().deployment === "local") void start();
