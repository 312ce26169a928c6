/** Turns errors into sentences that tell the user what to do. */
/** @import { MeshError } from "./p2pmesh-client.js" */
/** @import { Deployment } from "./settings.js" */

const QUESTIONS = {
	local: "Is npm start running?",
	aws: "Are the API, the region and the stage right, and may this page's origin connect?",
	custom: "Is the URL right?",
};

/**
 * @param {MeshError} error
 * @param {{ deployment: Deployment, url: string, token: string }} settings
 * @returns {{ text: string, fieldId?: string }} fieldId: of the field to look at
 */
export function explain(error, { deployment, url, token }) {
	switch (error.code) {
		case "UNAUTHORIZED":
			return token === ""
				? { text: "This server asks for a token.", fieldId: "token" }
				: { text: `The server does not accept this token: ${error.message}`, fieldId: "token" };
		case "PEER_ID_TAKEN":
			return { text: `${error.message} Generate another and start again.`, fieldId: "peer-id" };
		case "BAD_OPTIONS":
			return { text: error.message, fieldId: "url" };
		case "CLOSED":
		case "TIMEOUT": {
			return { text: `No connection to ${url.split("\n").map(withoutQuery).join(" or ")}. ${QUESTIONS[deployment]}` };
		}
		default:
			return { text: `${error.message} (${error.code})` };
	}
}

/** A query may hold a token. @param {string} url */
function withoutQuery(url) {
	return url.split("?")[0];
}
