/**
 * Lets clients in: by their origin when they connect, and by a token when they connect or join.
 *
 * The instance that handles the connect knows the token's grant, and another instance may handle the join. So the grant is
 * stored between the two. A token in the join saves that.
 */

import { type JoinMessage, MAX_TOKEN_LENGTH, type Refusal } from "../../protocol/index.ts";
import { originAllowed, readGrant, refuseJoin } from "./access.ts";
import type { ClientConnection } from "./connection.ts";
import type { Dependencies, TokenVerifier } from "./ports.ts";
import { expiryOf, type Grant } from "./records.ts";
import { TOKEN_EXPIRED, TOKEN_NEEDED, unauthorized } from "./refusals.ts";
import { sparingLog } from "./sparing-log.ts";

/** The parts of a connect that decide whether the client may connect. */
export interface ConnectRequest {
	/** The Origin header, if there is one. */
	readonly origin?: string | undefined;
	/** From the URL or from the subprotocols. */
	readonly token?: string | undefined;
}

export type Verdict = "accepted" | "unauthorized" | "forbidden";

/** Whether a join may go on, and when the session that follows ends, in epoch seconds. */
export type JoinPermission =
	| {
			readonly allowed: true;
			readonly until?: number;
			/** Whether the token names the peer id, so that its bearer owns the id. */
			readonly owns: boolean;
			/** As in the connection's record. */
			readonly subject?: string;
	  }
	| { readonly allowed: false; readonly refusal: Refusal };

export interface Authorization {
	connect(connection: ClientConnection, request: ConnectRequest): Promise<Verdict>;
	join(connection: ClientConnection, message: JoinMessage): Promise<JoinPermission>;
}

export function createAuthorization(dependencies: Dependencies): Authorization {
	const { settings, tokens } = dependencies;
	const byToken: Authorization =
		tokens === undefined
			? { connect: async () => "accepted", join: async () => ({ allowed: true, owns: false }) }
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
	/** The token's grant, or a sentence that says why it has none. */
	const check = async (token: string): Promise<Grant | string> => {
		if (token.length > MAX_TOKEN_LENGTH) return `The token has more than ${MAX_TOKEN_LENGTH} characters.`;
		const verification = await verifier.verify(token);
		if (!verification.ok) return verification.reason;
		return readGrant(verification.claims, settings, clock.now() / 1000);
	};

	const report = sparingLog({ log, clock });
	const refused = (refusal: Refusal): JoinPermission => ({ allowed: false, refusal });

	return {
		async connect(connection, { token }) {
			if (token === undefined) return settings.authAtConnect ? "unauthorized" : "accepted";
			const grant = await check(token);
			if (typeof grant === "string") {
				// A browser does not tell its page why the connect failed, so the log does.
				report("token_refused", "", { connectionId: connection.id, reason: grant });
				return "unauthorized";
			}
			await store.saveGrant({ ...grant, connectionId: connection.id, expiresAt: expiryOf(connection, settings) });
			return "accepted";
		},

		async join(connection, message) {
			const grant = message.token === undefined ? await store.getGrant(connection.id) : await check(message.token);
			if (grant === undefined) return refused(unauthorized(TOKEN_NEEDED));
			if (typeof grant === "string") return refused(unauthorized(grant));
			if (grant.until * 1000 <= clock.now()) return refused(TOKEN_EXPIRED);
			const refusal = refuseJoin(grant, message);
			if (refusal !== undefined) return refused(refusal);
			const { until, peerId, subject = peerId ?? "" } = grant;
			const owns = peerId !== undefined;
			return { allowed: true, until, owns, ...(subject !== message.peerId && { subject }) };
		},
	};
}
