/**
 * The form of settings: three ways to name a server, kept in step with each other and with the page's URL. It is out of sight
 * while the mesh runs, unless the user asks for it.
 */
/** @import { Deployment, Settings } from "./settings.js" */
import { byId, setText } from "./dom.js";
import {
	AWS_DEFAULTS,
	awsUrl,
	listed,
	newOwnerKey,
	newPeerId,
	readAwsUrl,
	readHash,
	readServers,
	writeHash,
} from "./settings.js";

/** The key under which the tab stores its peer id. */
const PEER_ID_KEY = "p2pmesh-peer-id";
const OWNER_KEY_KEY = "p2pmesh-owner-key";

const HINTS = {
	local: "the one of npm start",
	aws: "of terraform output, or an API id; one or several",
	custom: "a host, or a ws:// or wss:// URL; one or several",
};

/**
 * @param {{ localUrl: string, submit: () => void, identify: (peerId: string) => void }} parts `identify` is called with every
 *   new peer id
 */
export function createForm({ localUrl, submit, identify }) {
	const form = byId("settings", HTMLFormElement);
	const fields = byId("fields", HTMLFieldSetElement);
	const deployment = byId("deployment", HTMLSelectElement);
	const url = byId("url", HTMLTextAreaElement);
	const aws = {
		apiId: byId("api-id", HTMLInputElement),
		region: byId("region", HTMLInputElement),
		stage: byId("stage", HTMLInputElement),
	};
	const room = byId("room", HTMLInputElement);
	const peerId = byId("peer-id", HTMLInputElement);
	let ownerKey = newOwnerKey();
	const maxPeers = byId("max-peers", HTMLInputElement);
	const token = byId("token", HTMLInputElement);
	const start = byId("start", HTMLButtonElement);
	const details = byId("details", HTMLButtonElement);
	const alert = byId("alert", HTMLParagraphElement);

	/** The URL that the user typed for each deployment, in case the user selects it again. @type {Record<Deployment, string>} */
	const urls = { local: localUrl, aws: "", custom: "" };

	/** @returns {(HTMLInputElement | HTMLTextAreaElement)[]} */
	const textFields = () => [...fields.querySelectorAll(/** @type {"input"} */ ("input, textarea"))];

	const chosen = () => /** @type {Deployment} */ (deployment.value);

	/** @returns {Settings} */
	const settings = () => ({
		deployment: chosen(),
		url: url.value.trim(),
		room: room.value.trim(),
		maxPeers: maxPeers.valueAsNumber,
	});

	const remember = () => {
		const { pathname, search } = location;
		history.replaceState(null, "", pathname + search + writeHash(settings()));
		sessionStorage.setItem(PEER_ID_KEY, peerId.value);
		sessionStorage.setItem(OWNER_KEY_KEY, ownerKey);
	};

	/** Each server on its own line. The fields of AWS are about one. @param {string} value */
	const showUrl = (value) => {
		url.value = value;
		url.rows = Math.max(1, value.split("\n").length);
		byId("aws", HTMLElement).hidden = chosen() !== "aws" || url.rows > 1;
	};

	const showDeployment = () => {
		showUrl(urls[chosen()]);
		url.readOnly = chosen() === "local";
		setText(byId("url-hint", HTMLElement), HINTS[chosen()]);
	};

	const awsFields = () => {
		const { apiId, region, stage } = aws;
		return { apiId: apiId.value.trim(), region: region.value.trim(), stage: stage.value.trim() };
	};

	/** Makes URLs of the text in the field, and fills the fields of AWS from the URL of an API there. */
	const readUrl = () => {
		if (chosen() !== "local") {
			showUrl(readServers(url.value, chosen() === "aws" ? awsFields() : undefined).join("\n"));
		}
		const api = chosen() === "aws" ? readAwsUrl(url.value) : undefined;
		if (api === undefined) return;
		for (const [name, value] of Object.entries(api)) aws[/** @type {keyof typeof aws} */ (name)].value = value;
		showUrl(awsUrl(api));
	};

	const composeUrl = () => {
		showUrl(awsUrl(awsFields()));
	};

	const load = () => {
		const shared = readHash(location.hash);
		deployment.value = shared.deployment;
		if (shared.deployment !== "local") urls[shared.deployment] = shared.url;
		aws.region.value = AWS_DEFAULTS.region;
		aws.stage.value = AWS_DEFAULTS.stage;
		room.value = shared.room;
		maxPeers.value = String(shared.maxPeers);
		// A tab that was duplicated has the storage of the first, but must not have its id.
		const [visit] = performance.getEntriesByType("navigation");
		const reloaded = visit instanceof PerformanceNavigationTiming && visit.type === "reload";
		peerId.value = (reloaded && sessionStorage.getItem(PEER_ID_KEY)) || newPeerId();
		// With it the server gives the id back at once, even if it has not noticed the end of the old connection.
		ownerKey = (reloaded && sessionStorage.getItem(OWNER_KEY_KEY)) || ownerKey;
		showDeployment();
		readUrl();
		remember();
		// Until here the fields are disabled, because this function would overwrite the user's input.
		fields.disabled = start.disabled = false;
		identify(peerId.value);
	};

	const showForm = (/** @type {boolean} */ shown) => {
		form.hidden = !shown;
		details.ariaExpanded = String(shown);
	};

	deployment.onchange = () => {
		showDeployment();
		readUrl();
	};
	url.onchange = readUrl;
	url.onkeydown = (event) => {
		// As in any other field. A line of its own begins with Shift and Enter, or in a text that is pasted.
		if (event.key !== "Enter" || event.shiftKey) return;
		event.preventDefault();
		readUrl();
		form.requestSubmit();
	};
	for (const field of Object.values(aws)) field.oninput = composeUrl;
	form.addEventListener("change", () => {
		urls[chosen()] = url.value;
		remember();
	});
	byId("generate", HTMLButtonElement).onclick = () => {
		peerId.value = newPeerId();
		remember();
		identify(peerId.value);
	};
	peerId.onchange = () => identify(peerId.value.trim());
	details.onclick = () => showForm(form.hidden !== false);
	form.onsubmit = (event) => {
		event.preventDefault();
		submit();
	};
	// The user pasted a shared link into this tab.
	addEventListener("hashchange", () => location.reload());
	load();

	return {
		/** The values of the fields. */
		read: () => ({
			...settings(),
			urls: listed(url.value),
			peerId: peerId.value.trim(),
			ownerKey,
			token: token.value.trim(),
		}),

		/** Shows the first invalid field, and moves the focus there. @returns whether all fields are valid */
		check() {
			const bad = textFields().find((input) => !input.checkValidity());
			if (bad === undefined) return true;
			this.showFault(`${bad.labels?.[0]?.firstChild?.textContent?.trim()}: ${bad.validationMessage}`, bad.id);
			return false;
		},

		/** @param {boolean} running */
		setRunning(running) {
			fields.disabled = running;
			start.hidden = running;
			details.hidden = !running;
			byId("locked", HTMLElement).hidden = !running;
			showForm(!running);
		},

		/**
		 * @param {string} text "" for none
		 * @param {string} [fieldId] the field with the fault; it gets the focus
		 */
		showFault(text, fieldId) {
			setText(alert, text);
			alert.hidden = text === "";
			for (const input of textFields()) {
				const guilty = text !== "" && input.id === fieldId;
				input.ariaInvalid = guilty ? "true" : null;
				if (guilty) input.setAttribute("aria-errormessage", alert.id);
				else input.removeAttribute("aria-errormessage");
				if (!guilty) continue;
				// It may be in the part that is closed.
				const details = input.closest("details");
				if (details !== null) details.open = true;
				input.focus();
			}
		},
	};
}
