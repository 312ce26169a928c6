import { printable } from "../command-line/console.ts";

export type Frame = Readonly<Record<string, unknown>>;

/** A frame that is not a JSON object has no fields, so only its text can match. */
export function parseFrame(text: string): Frame {
	try {
		const value: unknown = JSON.parse(text);
		return typeof value === "object" && value !== null ? (value as Frame) : {};
	} catch {
		return {};
	}
}

/** If the function fails, API Gateway answers itself: `{"message":"Internal server error","requestId":…}`. */
export function isGatewayError(frame: Frame): boolean {
	return frame.type === undefined && typeof frame.message === "string";
}

/** Fields of a welcome that open doors: this output is often kept. */
const SECRETS = new Set(["resumeKey", "ownerKey", "credential", "token"]);

/** The text of a frame, to be read by people. */
export function shown(text: string): string {
	try {
		return printable(JSON.stringify(JSON.parse(text, (key, value) => (SECRETS.has(key) ? "(hidden)" : value))));
	} catch {
		return printable(text);
	}
}
