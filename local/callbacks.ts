/** How a function reaches the gateway's clients: over HTTP as in AWS (http-api.ts), or by a call in this process. */
import { type Delivery, DependencyError, type PeerSender } from "../lambda/core/ports.ts";

/** The answers of @connections: 200 or 204, 410, 429, 500. The last two only by a fault that a test asked for. */
export type Answer = "ok" | "gone" | "throttled" | "failed";

export interface Callbacks {
	/** Sends a frame. */
	post(connectionId: string, text: string): Answer | Promise<Answer>;
	/** Closes a connection, after the frames that were posted to it before. */
	close(connectionId: string): Answer | Promise<Answer>;
	/** Says whether a connection is there. */
	look(connectionId: string): Answer | Promise<Answer>;
}

/**
 * The port on a gateway in this process. It repeats nothing: it rejects on 429 as on 500, which the port allows and the
 * core has to stand. The adapter for AWS waits and tries again, and is tested over HTTP.
 */
export function directSender(callbacks: Callbacks): PeerSender {
	/** @returns whether the connection is there */
	const check = (operation: string, answer: Answer): boolean => {
		if (answer === "ok" || answer === "gone") return answer === "ok";
		throw new DependencyError(operation, {
			cause: new Error(`The gateway answered ${answer}.`),
			busy: answer === "throttled",
		});
	};
	const delivery = async (answer: Answer | Promise<Answer>): Promise<Delivery> =>
		check("local:PostToConnection", await answer) ? "sent" : "gone";

	return {
		post(connectionId, text) {
			const answer = callbacks.post(connectionId, text);
			return answer === "ok" ? "sent" : delivery(answer);
		},
		async close(connectionId) {
			check("local:DeleteConnection", await callbacks.close(connectionId));
		},
		async isOpen(connectionId) {
			return check("local:GetConnection", await callbacks.look(connectionId));
		},
	};
}
