/** Signing takes real time, and the simulation has none to give. So signals carry seals of the right size here, and all are believed. */
import type { Identity } from "../../../client/identity/index.ts";
import { inLanes } from "../../../client/identity/lanes.ts";
import type { RelayedFrame } from "../../../client/signaling/session.ts";

/** Ed25519 and ECDSA P-256: raw keys of 65 bytes at most, and signatures of 64, in base64url. */
const KEY_LETTERS = 87;
const SIGNATURE_LETTERS = 86;

/** @param key the hash of a key */
export function pretendedIdentity(key: string): Identity {
	return {
		key,
		start: ({ environment, post }) => {
			const withSeal = (content: unknown) => ({
				...(content as object),
				seal: { key: "k".repeat(KEY_LETTERS), n: environment.timers.now(), sig: "s".repeat(SIGNATURE_LETTERS) },
			});
			const seal = async (_to: string, frame: RelayedFrame): Promise<RelayedFrame> => {
				const { signal, signals } = frame;
				if (signal !== undefined) return { ...frame, signal: withSeal(signal) };
				if (Array.isArray(signals)) return { ...frame, signals: signals.map(withSeal) };
				return { ...frame, ...withSeal({}) };
			};
			return {
				key,
				...inLanes({ seal, open: async (_from, frame) => frame }, post),
				keyOf: () => undefined,
				named() {},
			};
		},
	};
}
