import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { ClientRequest } from "node:http";

const CHANNEL = "http.client.request.start";

const SERVICES: Readonly<Record<string, string>> = {
	DynamoDB_20120810: "dynamodb",
	AmazonSSM: "ssm",
	secretsmanager: "secretsmanager",
};

export interface RecordedCalls {
	/** The calls of AWS, in the words of IAM: `dynamodb:GetItem`; for connections the method, `POST`. */
	readonly actions: Set<string>;
	stop(): void;
}

/** Notes the calls of AWS that this process makes from now on, with any client. */
export function recordCalls(): RecordedCalls {
	const actions = new Set<string>();
	const note = (message: unknown) => {
		const { request } = message as { request: ClientRequest };
		const [service = "", operation] = String(request.getHeader("x-amz-target") ?? "").split(".");
		if (operation !== undefined) actions.add(`${SERVICES[service] ?? service}:${operation}`);
		else if (/(@|%40)connections\//.test(request.path)) actions.add(request.method);
	};
	subscribe(CHANNEL, note);
	return { actions, stop: () => unsubscribe(CHANNEL, note) };
}
