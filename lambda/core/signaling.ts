/** The rules of signaling, over ports: what happens when a client connects, sends a frame, and goes. */

import {
	type ClientMessage,
	encodeFrame,
	errorFrame,
	type FindPeersMessage,
	type FrameMarks,
	parseMessage,
	type Refusal,
} from "../../protocol/index.ts";
import { type ConnectRequest, createAuthorization, EXPIRED, type Verdict } from "./authorization.ts";
import { createDepartures } from "./departures.ts";
import { createDirectory } from "./directory.ts";
import { createIceServers } from "./ice-servers.ts";
import { createIntroductions, listFor } from "./introductions.ts";
import { createJoin } from "./joins.ts";
import { type Dependencies, DependencyError, type Identity } from "./ports.ts";
import { createRateLimit } from "./rate-limit.ts";
import { createRelay } from "./relay.ts";
import { routingKey } from "./routing-key.ts";

/** A client's connection, as the gateway describes it. */
export interface Connection {
	readonly id: string;
	/** ms since the epoch */
	readonly connectedAt: number;
}

export interface Signaling {
	/** Whether a client may connect. Rejects with a {@link DependencyError} where that cannot be told now. */
	connect(connection: Connection, request: ConnectRequest): Promise<Verdict>;

	/**
	 * Carries out one frame. Whatever goes wrong is answered by an `error` frame to its sender.
	 * Rejects only where even that could not be sent; the gateway then answers in its own words.
	 */
	receive(connection: Connection, text: string): Promise<void>;

	/** Notes that a connection has ended. */
	disconnect(connectionId: string): Promise<void>;
}

const NOT_JOINED: Refusal = { code: "NOT_JOINED", message: "Send a join message first." };
const UNAVAILABLE: Refusal = { code: "UNAVAILABLE", message: "The server could not do this now. Try again." };
const INTERNAL: Refusal = { code: "INTERNAL", message: "The server failed to handle this message." };

export function createSignaling(dependencies: Dependencies): Signaling {
	const { sender, clock, crypto, log, settings } = dependencies;
	const directory = createDirectory(dependencies);
	const introductions = createIntroductions(dependencies);
	const departures = createDepartures(dependencies, directory, introductions);
	const authorization = createAuthorization(dependencies);
	const rateLimit = createRateLimit(dependencies);
	const join = createJoin(
		dependencies,
		directory,
		introductions,
		departures,
		authorization,
		createIceServers(dependencies),
	);
	const relay = createRelay(dependencies, directory, departures);

	const findPeers = async (connection: Connection, self: Identity, { target, count }: FindPeersMessage) => {
		const around = target === undefined ? self.key : routingKey(target, crypto);
		const found =
			count === undefined
				? await introductions.forNewcomer(self, around)
				: await introductions.nearest(self, around, count);
		await sender.post(
			connection.id,
			encodeFrame({
				type: "bootstrap_peers",
				peers: listFor(self.peerId, found),
				room: self.room,
				peerId: self.peerId,
				...(target !== undefined && { target }),
			}),
		);
		return undefined;
	};

	const tooLate: Refusal = {
		code: "NOT_JOINED",
		message: `This connection did not join within ${settings.joinDeadlineMs / 1000} s. Open a new one.`,
		final: true,
	};
	const isLate = (connection: Connection) => clock.now() - connection.connectedAt > settings.joinDeadlineMs;

	const carryOut = async (connection: Connection, message: ClientMessage): Promise<Refusal | undefined> => {
		if (message.type === "join") {
			// A late one may be the repetition of one that was in time.
			if (isLate(connection) && (await directory.identify(connection.id)) === undefined) return tooLate;
			return join(connection, message);
		}
		if (message.type === "ping") {
			// The gateway answers pings itself; this is for one that was set up without that.
			await sender.post(connection.id, encodeFrame({ type: "pong", timestamp: clock.now() }));
			return undefined;
		}

		const self = await directory.identify(connection.id);
		if (self === undefined || self === "ended" || self === "expired") {
			if (message.type === "leave") {
				// Who leaves wants to be gone, also where little is left to leave, such as after a leave that failed half way or
				// of which only the answer was lost.
				await departures.clear(connection.id);
				return undefined;
			}
			if (self === "expired") return EXPIRED;
			// An ended one is one whose closing failed.
			if (self === "ended") await sender.close(connection.id);
			else if (isLate(connection)) return tooLate;
			return NOT_JOINED;
		}
		if (message.type === "leave") {
			await departures.leave({ ...self, connectionId: connection.id });
			return undefined;
		}
		if (message.type === "find_peers") return findPeers(connection, self, message);
		return relay(self, message);
	};

	/** Its client has been told why. Where it fails, the next frame is refused and closes the connection again. */
	const cutOff = (connection: Connection) =>
		sender.close(connection.id).catch((cause: unknown) => {
			log.warn("not_cut_off", { connectionId: connection.id }, cause);
		});

	/** Carries a message out. @returns why it was not */
	const attempt = async (connection: Connection, message: ClientMessage): Promise<Refusal | undefined> => {
		try {
			return await carryOut(connection, message);
		} catch (cause) {
			const known = cause instanceof DependencyError;
			const level = known && cause.reported ? "warn" : "error";
			log[level](known ? "dependency_failed" : "internal_error", { connectionId: connection.id }, cause);
			return known ? UNAVAILABLE : INTERNAL;
		}
	};

	const refuse = async (connection: Connection, refusal: Refusal, marks: FrameMarks) => {
		log.debug("refused", { connectionId: connection.id, code: refusal.code });
		await sender.post(connection.id, encodeFrame(errorFrame(refusal, marks)));
		if (refusal.final) await cutOff(connection);
	};

	return {
		connect: (connection, request) => authorization.connect(connection, request),

		async receive(connection, text) {
			const parsed = parseMessage(text);
			const limited = rateLimit.admit(connection.id, parsed.type);
			if (limited === "ended") return cutOff(connection);
			// Beside the frame, not before it: frames that came in order should go on in order where they can.
			const reported = rateLimit.report(connection.id);
			try {
				const refusal = limited ?? (parsed.ok ? await attempt(connection, parsed.message) : parsed.refusal);
				if (refusal !== undefined) await refuse(connection, refusal, parsed.marks);
			} finally {
				await reported; // a function freezes when its handler is done
			}
		},

		disconnect: (connectionId) => departures.disconnect(connectionId),
	};
}
