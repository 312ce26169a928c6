/** Files: sends those that are dropped or chosen, and takes those that the user accepts. Each is a line of the chat. */
/** @import { Mesh, MeshError, Transfer } from "./p2pmesh-client.js" */
import { byId, element, setText } from "./dom.js";
import { visible } from "./names.js";
import { label } from "./people.js";

/** Most characters of a file's name. */
const MAX_NAME = 80;

/** @param {{ chat: ReturnType<typeof import("./chat.js").createChat>, getMesh: () => Mesh | undefined }} parts */
export function createFiles({ chat, getMesh }) {
	const input = byId("file", HTMLInputElement);
	const attach = byId("attach", HTMLButtonElement);
	const talk = byId("talk", HTMLElement);

	/** @param {Iterable<File>} files */
	const sendAll = async (files) => {
		for (const file of files) await send(file);
	};

	/** @param {File} file */
	const send = async (file) => {
		const mesh = getMesh();
		const to = chat.receiver();
		// Files go over direct links only.
		const receivers = to === "" ? [...(mesh?.peers ?? [])] : [to];
		if (mesh === undefined || receivers.length === 0) return chat.remark("There is no link yet to send a file over.");

		const line = chat.line({
			text: file.name,
			note: to === "" ? `to ${receivers.length} linked peers` : `to ${label(to)}`,
		});
		const show = addProgress(line, file.size);
		const cancel = new AbortController();
		const button = element("button", { type: "button", className: "quiet" }, "Cancel");
		button.onclick = () => cancel.abort();
		line.append(button);
		/** @type {Map<string, number>} */
		const taken = new Map();
		const sum = () => [...taken.values()].reduce((all, bytes) => all + bytes, 0);
		show.text("waits until it is accepted");
		const results = await Promise.allSettled(
			receivers.map((peerId) =>
				mesh.send(peerId, file, {
					signal: cancel.signal,
					onProgress({ bytes }) {
						taken.set(peerId, bytes);
						// It is told of 0 bytes, too, while the receiver has not accepted.
						if (bytes > 0) show.bytes(sum() / receivers.length);
					},
				}),
			),
		);
		button.remove();
		const arrived = results.filter(({ status }) => status === "fulfilled").length;
		show.end(arrived === receivers.length ? "arrived" : `${arrived} of ${receivers.length} took it`, arrived > 0);
		results.forEach((result, at) => {
			if (result.status === "rejected" && !cancel.signal.aborted)
				chat.remark(`${label(receivers[at] ?? "")}: ${reason(result.reason)}`);
		});
	};

	attach.onclick = () => input.click();
	input.onchange = () => {
		// The list of the field changes with the field.
		const files = [...(input.files ?? [])];
		input.value = "";
		void sendAll(files);
	};

	const hasFiles = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") ?? false;
	addEventListener("dragover", (event) => {
		if (!hasFiles(event)) return;
		// Otherwise the browser opens the file in place of the page.
		event.preventDefault();
		talk.classList.toggle("dropping", getMesh() !== undefined);
	});
	addEventListener("dragleave", (event) => {
		if (event.relatedTarget === null) talk.classList.remove("dropping");
	});
	addEventListener("drop", (event) => {
		if (!hasFiles(event)) return;
		event.preventDefault();
		talk.classList.remove("dropping");
		void sendAll([...(event.dataTransfer?.files ?? [])]);
	});

	return {
		/** A peer offers a file. It waits until the user accepts it. @param {Transfer} transfer */
		offer(transfer) {
			transfer.hold();
			const name = clip(visible(transfer.name || "a file"));
			const line = chat.line({ from: transfer.from, text: name, note: "sends a file" });
			const show = addProgress(line, transfer.size);
			const accept = element("button", { type: "button", ariaLabel: `Accept ${name}` }, "Accept");
			const refuse = element("button", { type: "button", className: "quiet", ariaLabel: `Refuse ${name}` }, "Refuse");
			const buttons = element("span", { className: "buttons" }, accept, refuse);
			line.append(buttons);
			refuse.onclick = () => transfer.cancel();
			accept.onclick = async () => {
				accept.remove();
				setText(refuse, "Cancel");
				transfer.onProgress(({ bytes }) => show.bytes(bytes));
				try {
					const blob = await new Response(transfer.stream()).blob();
					await transfer.done;
					const save = element("a", { href: URL.createObjectURL(blob), download: name, className: "save" }, "Save");
					save.ariaLabel = `Save ${name}`;
					line.append(save);
				} catch {
					// `done` says why.
				}
			};
			transfer.done
				.then(
					() => show.end("here", true),
					(error) => show.end(reason(error), false),
				)
				.finally(() => buttons.remove());
		},
	};
}

/**
 * Adds the size of a file to its line, and how much of it has come.
 * @param {HTMLElement} line
 * @param {number | undefined} size
 */
function addProgress(line, size) {
	const bar = element("progress", { max: size || 1, value: 0, ariaLabel: "How much has come" });
	const status = element("small", {}, inBytes(size));
	line.classList.add("file");
	line.append(bar, status);
	const text = (/** @type {string} */ words) => setText(status, [inBytes(size), words].filter(Boolean).join(", "));
	return {
		text,
		bytes(/** @type {number} */ bytes) {
			bar.value = bytes;
			text(size ? `${Math.floor((bytes / size) * 100)} %` : "");
		},
		end(/** @type {string} */ words, /** @type {boolean} */ isGood) {
			bar.remove();
			text(words);
			line.classList.toggle("failed", !isGood);
		},
	};
}

/** @param {unknown} error */
function reason(error) {
	const { code, message } = /** @type {MeshError} */ (error);
	if (code === "ABORTED") return "cancelled";
	if (code === "NO_ROUTE") return "there is no direct link, which a file needs";
	return visible(message);
}

/** @param {number | undefined} size */
export function inBytes(size) {
	if (size === undefined) return "";
	const units = ["bytes", "kB", "MB", "GB"];
	let value = size;
	let unit = 0;
	while (value >= 1_000 && unit < units.length - 1) {
		value /= 1_000;
		unit += 1;
	}
	return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** The end of a file's name says what it is, so the middle goes. @param {string} name */
export function clip(name) {
	const characters = [...name];
	if (characters.length <= MAX_NAME) return name;
	return `${characters.slice(0, MAX_NAME - 13).join("")}…${characters.slice(-12).join("")}`;
}
