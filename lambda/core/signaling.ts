/** The rules of signaling, over ports: a client connects, sends frames, and goes. */
import {
	type ClientMessage,
	encodeFrame,
	errorFrame,
	type FindPeersMessage,
	isRelayed,
	type OwnType,
	type ParseResult,
	parseMessage,
	type Refusal,
	type RelayedMessage,
} from "../../protocol/index.ts";
import { type Authorization, type ConnectRequest, createAuthorization, type Verdict } from "./authorization.ts";
import type { ClientConnection } from "./connection.ts";
import { createDepartures } from "./departures.ts";
import { createDirectory } from "./directory.ts";
import { createIceServers } from "./ice-servers.ts";
import { createIntroductions, listedPeer } from "./introductions.ts";
import { createJoin } from "./join.ts";
import { createNotices } from "./notices.ts";
import { type Dependencies, DependencyError } from "./ports.ts";
import { createRateLimit, type RateLimit } from "./rate-limit.ts";
import type { JoinedPeer } from "./records.ts";
import { INTERNAL, joinedTooLate, NOT_JOINED, TOKEN_EXPIRED, tooManyFrames, UNAVAILABLE } from "./refusals.ts";
import { createRelay } from "./relay.ts";
import { routingKey } from "./routing-key.ts";
import { countSubjects, createSourceLimits, SourceLimitError, type SourceLimits } from "./source-limits.ts";
import { sparingLog } from "./sparing-log.ts";
import { MuteError, sparingSender } from "./sparing-sender.ts";
import { createTakeovers } from "./takeovers.ts";

export interface Signaling {
	/** Whether a client may connect. `limited`: its source has connected too often. Rejects with a {@link DependencyError} if that cannot be decided now. */
	connect(connection: ClientConnection, request: ConnectRequest): Promise<Verdict | "limited">;

	/**
	 * Carries out one frame. An `error` frame to its sender answers every failure.
	 * Rejects only if even that frame could not be sent; the gateway then answers in its own words.
	 */
	receive(connection: ClientConnection, text: string): Promise<void>;

	/** The connection has ended. */
	disconnect(connectionId: string): Promise<void>;
}

/** Carries out the frames of one type. @returns the refusal, if it did not */
type Handler<T extends ClientMessage> = (connection: ClientConnection, message: T) => Promise<Refusal | undefined>;

type OwnHandlers = { readonly [T in OwnType]: Handler<Extract<ClientMessage, { type: T }>> };

export function createSignaling(outside: Dependencies): Signaling {
	const sources = createSourceLimits(outside);
	const dependencies: Dependencies = {
		...outside,
		sender: sparingSender(outside),
		tokens: outside.tokens && countSubjects(outside.tokens, sources),
	};
	const { sender, log, crypto, metrics } = dependencies;
	const report = sparingLog(dependencies);
	const authorization = createAuthorization(dependencies);
	const rateLimit = createRateLimit(dependencies, sources);
	const { own, relayed, departures } = createHandlers(dependencies, authorization, rateLimit, sources);

	const carryOut = (connection: ClientConnection, message: ClientMessage): Promise<Refusal | undefined> => {
		if (isRelayed(message.type)) return relayed(connection, message as RelayedMessage);
		return (own[message.type as OwnType] as Handler<ClientMessage>)(connection, message);
	};

	/** Carries a message out, and turns every failure into a refusal. */
	const attempt = async (connection: ClientConnection, message: ClientMessage): Promise<Refusal | undefined> => {
		try {
			return await carryOut(connection, message);
		} catch (cause) {
			if (cause instanceof SourceLimitError) return tooManyFrames(cause.retryAfter, false);
			const known = cause instanceof DependencyError;
			// A client that reads nothing is no fault of the server, and a line for each frame to it would be its to order.
			const level = cause instanceof MuteError ? "debug" : known && (cause.reported || cause.busy) ? "warn" : "error";
			log[level](known ? "dependency_failed" : "internal_error", { connectionId: connection.id }, cause);
			return known ? UNAVAILABLE : INTERNAL;
		}
	};

	/** Its client has been told why. If the close fails, the next frame is refused and closes the connection again. */
	const cutOff = (connection: ClientConnection) =>
		sender.close(connection.id).catch((cause: unknown) => {
			log.warn("not_cut_off", { connectionId: connection.id }, cause);
		});

	const refuse = async (connection: ClientConnection, refusal: Refusal, parsed: ParseResult) => {
		report("refused", refusal.code, { connectionId: connection.id, code: refusal.code });
		metrics?.count(`Error_${refusal.code}`);
		if (refusal.code === "RATE_LIMITED") metrics?.count("RateLimitedFrames");
		const delivery = await sender.post(connection.id, encodeFrame(errorFrame(refusal, parsed.marks)));
		if (delivery === "gone" && parsed.ok && parsed.message.type === "join") {
			// Its socket ended during the join, so `$disconnect` may have come before the record or before the lease.
			const { room, peerId } = parsed.message;
			await departures.disconnect(connection.id, { room, peerId, key: routingKey(peerId, crypto) });
		}
		if (refusal.final) await cutOff(connection);
	};

	return {
		async connect(connection, request) {
			const source = sources.ofAddress(connection.address);
			if (sources.take(source, "connect") > 0) return "limited";
			const reported = sources.report(source);
			try {
				return await authorization.connect(connection, request);
			} catch (cause) {
				if (cause instanceof SourceLimitError) return "limited";
				throw cause;
			} finally {
				await reported;
			}
		},

		async receive(connection, text) {
			const parsed = parseMessage(text);
			const limited = rateLimit.admit(connection, parsed.type);
			if (limited === "ended") {
				metrics?.count("RateLimitedFrames");
				return cutOff(connection);
			}
			// The report runs beside the frame and not before it: frames that came in order should be handled in order.
			const reported = rateLimit.report(connection);
			try {
				const refusal = limited ?? (parsed.ok ? await attempt(connection, parsed.message) : parsed.refusal);
				if (refusal !== undefined) await refuse(connection, refusal, parsed);
			} finally {
				await reported; // a function freezes when its handler is done
			}
		},

		disconnect: (connectionId) => departures.disconnect(connectionId),
	};
}

/** Builds the parts of the core, and the table of what carries out which type. */
function createHandlers(
	dependencies: Dependencies,
	authorization: Authorization,
	rateLimit: RateLimit,
	sources: SourceLimits,
) {
	const { sender, clock, crypto, settings, tokens } = dependencies;
	const directory = createDirectory(dependencies);
	const introductions = createIntroductions(dependencies);
	const notices = createNotices(dependencies);
	const takeovers = createTakeovers(dependencies, directory);
	const departures = createDepartures(dependencies, directory, introductions, notices, takeovers);
	const iceServers = createIceServers(dependencies);
	const join = createJoin(dependencies, {
		directory,
		introductions,
		notices,
		takeovers,
		departures,
		authorization,
		iceServers,
	});
	const relay = createRelay(dependencies, directory, departures);

	const isLate = (connection: ClientConnection) => clock.now() - connection.connectedAt > settings.joinDeadlineMs;
	const tooLate = joinedTooLate(settings.joinDeadlineMs);

	/** Carries out what only a joined peer may ask for. */
	const asPeer = async (
		connection: ClientConnection,
		carryOut: (self: JoinedPeer) => Promise<Refusal | undefined>,
	): Promise<Refusal | undefined> => {
		let self = directory.identify(connection.id);
		if (self instanceof Promise) self = await self; // no wait for what is in memory
		if (self === "expired") return TOKEN_EXPIRED;
		if (self === "ended") {
			// An earlier close of this connection failed.
			await sender.close(connection.id);
			return NOT_JOINED;
		}
		if (self === undefined) return isLate(connection) ? tooLate : NOT_JOINED;
		return carryOut(self);
	};

	/** The source of the token that a peer joined with. A join has counted under it already. */
	const sourceOf = ({ peerId, subject = peerId }: JoinedPeer) =>
		tokens === undefined ? undefined : sources.ofSubject(subject);

	const findPeers = async (connection: ClientConnection, self: JoinedPeer, { target, count }: FindPeersMessage) => {
		const wait = sources.take(sourceOf(self), "search");
		if (wait > 0) return tooManyFrames(wait, false);
		const around = target === undefined ? self.key : routingKey(target, crypto);
		const found =
			count === undefined
				? (await introductions.introduce(self, around)).listed
				: await introductions.nearest(
						self,
						around,
						rateLimit.searchesMuch(connection) ? Math.min(count, settings.nearestPeers) : count,
					);
		await sender.post(
			connection.id,
			encodeFrame({
				type: "bootstrap_peers",
				peers: found.map(listedPeer),
				room: self.room,
				peerId: self.peerId,
				...(target !== undefined && { target }),
			}),
		);
		return undefined;
	};

	const own: OwnHandlers = {
		async join(connection, message) {
			// A late join may repeat one that was in time.
			if (isLate(connection) && (await directory.identify(connection.id)) === undefined) return tooLate;
			return join(connection, message);
		},
		async leave(connection) {
			const self = await directory.identify(connection.id);
			// `leave` succeeds without a session too: an earlier `leave` may have failed half-way, or its reply was lost.
			if (typeof self === "object") await departures.leave({ ...self, connectionId: connection.id });
			else await departures.clear(connection.id);
			return undefined;
		},
		async ping(connection) {
			// The gateway answers pings. This is for a gateway that was set up without that.
			await sender.post(connection.id, encodeFrame({ type: "pong", timestamp: clock.now() }));
			return undefined;
		},
		find_peers: (connection, message) => asPeer(connection, (self) => findPeers(connection, self, message)),
	};
	const relayed: Handler<RelayedMessage> = (connection, message) => asPeer(connection, (self) => relay(self, message));
	return { own, relayed, departures };
}
