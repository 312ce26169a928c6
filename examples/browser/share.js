/** Shares the link to the room: by its text, by a QR code, and with an address that other devices can reach. */
import { byId, element, setText } from "./dom.js";
import { shape } from "./svg.js";

/**
 * @typedef {object} Reach what the local server says of itself
 * @property {boolean} isLocalOnly whether it listens to this machine alone
 * @property {readonly string[]} addresses of this machine in its networks
 */

/**
 * @typedef {object} Whereabouts
 * @property {string} note what the link is good for
 * @property {string} command that makes it good for more; "" for none
 * @property {readonly string[]} hosts of this page, for other devices
 */

/** @param {{ hasServer: boolean }} parts `hasServer`: whether `npm start` serves this page */
export function createSharing({ hasServer }) {
	const dialog = byId("sharing", HTMLDialogElement);
	const link = byId("link", HTMLInputElement);
	const address = byId("address", HTMLSelectElement);
	const copied = byId("copied", HTMLElement);

	const show = async (/** @type {string} */ url) => {
		link.value = url;
		setText(copied, "");
		const { encodeQR } = await import("./qr.js");
		byId("qr", HTMLElement).replaceChildren(picture(encodeQR(url, "raw", { border: 2 })));
	};

	address.onchange = () => void show(withHost(address.value));
	byId("copy", HTMLButtonElement).onclick = async () => {
		setText(copied, (await copy(link)) ? "Copied." : "Select the link and copy it.");
	};
	byId("close-sharing", HTMLButtonElement).onclick = () => dialog.close();

	return async () => {
		const { note, command, hosts } = await whereabouts(hasServer);
		setText(byId("sharing-note", HTMLElement), note);
		const code = byId("sharing-command", HTMLElement);
		setText(code, command);
		code.hidden = command === "";
		byId("qr", HTMLElement).hidden = hosts.length === 0;
		address.replaceChildren(...hosts.map((host) => element("option", { value: host }, host)));
		byId("address-field", HTMLElement).hidden = hosts.length < 2;
		await show(withHost(hosts[0] ?? location.host));
		dialog.showModal();
	};
}

/**
 * Under which addresses another device reaches this page.
 * @param {boolean} hasServer
 * @returns {Promise<Whereabouts>}
 */
async function whereabouts(hasServer) {
	if (!isLoopback(location.hostname))
		return { note: "Open this link on another device, or scan the code.", command: "", hosts: [location.host] };
	const reach = hasServer ? await askServer() : undefined;
	return explainReach(reach, location.port);
}

/** @returns {Promise<Reach | undefined>} */
async function askServer() {
	try {
		const response = await fetch("reach", { cache: "no-store" });
		return response.ok ? await response.json() : undefined;
	} catch {
		return undefined; // the server was stopped
	}
}

/**
 * @param {Reach | undefined} reach undefined if the server says nothing
 * @param {string} port
 * @returns {Whereabouts}
 */
export function explainReach(reach, port) {
	const command = "";
	if (reach === undefined)
		return { note: "This link works on this machine only, because this page came from it.", command, hosts: [] };
	if (reach.isLocalOnly)
		return {
			note:
				"The server listens to this machine only, so this link works in its browsers alone. For other devices, stop the " +
				"server and start it so:",
			command: "npm start -- --host 0.0.0.0",
			hosts: [],
		};
	if (reach.addresses.length === 0)
		return { note: "This machine is in no network, so the link works on it only.", command, hosts: [] };
	const hosts = reach.addresses.map((address) => {
		const name = address.includes(":") ? `[${address}]` : address;
		return port === "" ? name : `${name}:${port}`;
	});
	return { note: "Open this link on another device of the same network, or scan the code.", command, hosts };
}

/** @param {string} host */
export function isLoopback(host) {
	return host === "localhost" || host.endsWith(".localhost") || /^127(\.\d+){3}$/.test(host) || host === "[::1]";
}

/** This page's URL on another host. @param {string} host with its port */
function withHost(host) {
	const url = new URL(location.href);
	url.host = host;
	return url.href;
}

/** Pages of http: URLs have no clipboard, but may copy the selected text. @param {HTMLInputElement} field */
async function copy(field) {
	if (navigator.clipboard !== undefined)
		return navigator.clipboard.writeText(field.value).then(
			() => true,
			() => false,
		);
	field.select();
	return document.execCommand("copy");
}

/** @param {boolean[][]} rows of the QR code: true is dark */
function picture(rows) {
	const size = rows.length;
	const squares = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")));
	return shape(
		"svg",
		{ viewBox: `0 0 ${size} ${size}`, role: "img", "aria-label": "QR code of the link" },
		shape("rect", { class: "ground", width: size, height: size }),
		shape("path", { d: squares.join("") }),
	);
}
