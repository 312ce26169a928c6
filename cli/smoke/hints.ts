/** The causes of failures that a client of the server can see, and what to do about them. */
import type { IncomingMessage } from "node:http";
import { printable } from "../command-line/console.ts";
import { type Frame, isGatewayError } from "./frames.ts";
import { StepError } from "./step-error.ts";

export function hintForError(frame: Frame): string | undefined {
	if (!isGatewayError(frame)) {
		if (frame.code === "UNAUTHORIZED") return hintForStatus(401);
		if (frame.code === "FORBIDDEN") {
			return "The token binds a peer id or other rooms: use one without, or --room with a room that it names.";
		}
		return frame.retryable === true ? "A dependency of the server failed or throttled. Try again." : undefined;
	}
	if (/forbidden/i.test(String(frame.message))) return "The API has no route for this message: was it deployed?";
	if (/too many|limit/i.test(String(frame.message))) return hintForStatus(429);
	return hintForStatus(500);
}

/** @param status of a refused handshake */
export function hintForStatus(status: number): string {
	if (status === 401) return "The token is missing, wrong or expired: add ?token=<token> to the URL.";
	if (status === 403) {
		return (
			"The server does not take this origin (see the variables allowed_origins and allow_missing_origin, and " +
			"--origin here), or the stage at the end of the URL is wrong or missing."
		);
	}
	if (status === 404) return "There is no WebSocket API at this path: is the URL the output websocket_url?";
	if (status === 429) {
		return "Throttled: see the variables throttling_rate_limit and throttling_burst_limit, or try again in a while.";
	}
	if (status >= 500) {
		return "The function failed. Look at its log: aws logs tail /aws/lambda/<project_name>-<stage> --follow";
	}
	return "This does not look like a signaling server: is the URL the output websocket_url?";
}

/** The server answered the handshake with a refusal. */
export async function describeRefusal(response: IncomingMessage, timeoutMs: number): Promise<StepError> {
	const status = response.statusCode ?? 0;
	let body = "";
	const timer = setTimeout(() => response.destroy(), timeoutMs);
	try {
		for await (const chunk of response.setEncoding("utf8")) body += chunk;
	} catch {
		// The status says enough.
	}
	clearTimeout(timer);
	const detail = printable(body.trim().slice(0, 200));
	return new StepError(
		"HTTP 101 (Switching Protocols)",
		`HTTP ${status} ${response.statusMessage ?? ""}${detail === "" ? "" : `: ${detail}`}`,
		hintForStatus(status),
	);
}

/** The server could not be reached at all. */
export function describeFailure(error: Error): StepError {
	const code = String((error as { code?: unknown }).code);
	// If a name has several addresses, Node.js reports one error for all of them, without a message.
	return new StepError("a connection", error.message || code, hintForFailure(code));
}

function hintForFailure(code: string): string | undefined {
	if (code === "ENOTFOUND") return "No such host. Is the stack deployed, and is the URL the output websocket_url?";
	if (code === "ECONNREFUSED") return "Nothing listens there. Is the server running?";
	if (/CERT|SELF_SIGNED|ALTNAME|VERIFY/.test(code)) {
		return "The certificate is not good. `npx p2pmesh-signaling doctor <url>` says what is wrong with it.";
	}
	return undefined;
}
