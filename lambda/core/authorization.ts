/**
 * Lets clients in: by their origin when they connect, and by a token, when they connect or when they join.
 *
 * What a token allows is known to the instance that took the connection. The join may be handled by another, so it is
 * written down in between; a token that comes in the join itself saves that.
 */

import type { JoinMessage, Refusal } from "../../protocol/index.ts";
import { MAX_TOKEN_LENGTH } from "../../protocol/index.ts";
import { originAllowed, readGrant, refuseJoin } from "./access.ts";
import { expiryOf } from "./connection-records.ts";
import type { Dependencies, Grant, TokenVerifier } from "./ports.ts";
import type { Connection } from "./signaling.ts";

/** How a client asks to be let in. */
export interface ConnectRequest {
	/** The Origin header, where there is one. */
	readonly origin?: string | undefined;
	/** From the URL or from the subprotocols. */
	readonly token?: string | undefined;
}

export type Verdict = "accepted" | "unauthorized" | "forbidden";

/** Whether a join may go on, and until when what follows from it holds, in epoch seconds. */
export type JoinPermission =
	| { readonly allowed: true; readonly until?: number }
	| { readonly allowed: false; readonly refusal: Refusal };

export interface Authorization {
	connect(connection: Connection, request: ConnectRequest): Promise<Verdict>;
	join(connection: Connection, message: JoinMessage): Promise<JoinPermission>;
}

export const EXPIRED: Refusal = {
	code: "UNAUTHORIZED",
	message: "The token has expired. Connect again with a new one.",
	final: true,
};

export function createAuthorization(dependencies: Dependencies): Authorization {
	const { settings, tokens } = dependencies;
	const byToken: Authorization =
		tokens === undefined
			? { connect: async () => "accepted", join: async () => ({ allowed: true }) }
			: createTokenAuthorization(dependencies, tokens);
	return {
		join: byToken.join,
		connect: async (connection, request) =>
			originAllowed(request.origin, settings) ? byToken.connect(connection, request) : "forbidden",
	};
}

function createTokenAuthorization(
	{ store, clock, log, settings }: Dependencies,
	verifier: TokenVerifier,
): Authorization {
	/** What a token allows, or why it allows nothing. */
	const check = async (token: string): Promise<Grant | string> => {
		if (token.length > MAX_TOKEN_LENGTH) return `The token has more than ${MAX_TOKEN_LENGTH} characters.`;
		const verification = await verifier.verify(token);
		return verification.ok ? readGrant(verification.claims, settings.tokens) : verification.reason;
	};

	const unauthorized = (message: string): JoinPermission => ({
		allowed: false,
		refusal: { code: "UNAUTHORIZED", message },
	});

	return {
		async connect(connection, { token }) {
			if (token === undefined) return settings.tokens.requiredToConnect ? "unauthorized" : "accepted";
			const grant = await check(token);
			if (typeof grant === "string") {
				// A browser does not show its page why, so somebody has to.
				log.info("token_refused", { connectionId: connection.id, reason: grant });
				return "unauthorized";
			}
			await store.saveGrant({ ...grant, connectionId: connection.id, expiresAt: expiryOf(connection, settings) });
			return "accepted";
		},

		async join(connection, message) {
			const grant = message.token === undefined ? await store.getGrant(connection.id) : await check(message.token);
			if (grant === undefined) {
				return unauthorized("A token is needed: in the URL, as a subprotocol, or in the join message.");
			}
			if (typeof grant === "string") return unauthorized(grant);
			if (grant.until * 1000 <= clock.now()) return { allowed: false, refusal: EXPIRED };
			const refusal = refuseJoin(grant, message);
			return refusal === undefined ? { allowed: true, until: grant.until } : { allowed: false, refusal };
		},
	};
}
