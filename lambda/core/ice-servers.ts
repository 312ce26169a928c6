/** The STUN and TURN servers in a newcomer's welcome, with TURN credentials for that peer alone. */

import type { IceServer } from "../../protocol/index.ts";
import type { Dependencies } from "./ports.ts";

/**
 * @param until the end of the peer's session, in epoch seconds. Its credentials do not outlive it.
 * @returns the list for a peer, undefined if there are no servers
 */
export type IceServers = (peerId: string, until: number) => Promise<readonly IceServer[] | undefined>;

/**
 * TURN credentials after the scheme that coturn calls `use-auth-secret`: the user is `{end}:{peer id}`, the password its
 * HMAC under a secret that the TURN server has too. So the TURN server need not be told of each peer.
 * https://datatracker.ietf.org/doc/html/draft-uberti-behave-turn-rest-00
 */
export function createIceServers({ clock, crypto, settings, turnSecrets }: Dependencies): IceServers {
	const { stunUrls, turnUrls, turnCredentialSeconds } = settings;
	const stun: IceServer[] = stunUrls.length > 0 ? [{ urls: stunUrls }] : [];

	return async (peerId, until) => {
		if (turnSecrets === undefined || turnUrls.length === 0) return stun.length > 0 ? stun : undefined;
		const [secret] = await turnSecrets.current();
		const end = Math.min(until, Math.ceil(clock.now() / 1000) + turnCredentialSeconds);
		const username = `${end}:${peerId}`;
		return [...stun, { urls: turnUrls, username, credential: crypto.hmacSha1(secret as string, username) }];
	};
}
