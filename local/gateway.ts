/**
 * API Gateway on a laptop: turns sockets into the events of a WebSocket API and hands them to the same handler that
 * runs in Lambda. It keeps API Gateway's limits and manners, so that what works here works there.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import { nodeCrypto } from "../lambda/adapters/node-crypto.ts";
import type { Log, PeerSender } from "../lambda/core/ports.ts";
import type { GatewayHandler } from "../lambda/gateway-event.ts";
import { encodeFrame, GATEWAY_MAX_MESSAGE_BYTES, MAX_CONNECTION_AGE_MS, MAX_IDLE_MS } from "../protocol/index.ts";
import { createBacklog, MAX_BUFFERED_BYTES, MAX_BUFFERED_BYTES_IN_SUM } from "./backlog.ts";
import { directSender } from "./callbacks.ts";
import { type JoinDeadline, startChecks } from "./checks.ts";
import { CLOSE, createConnections, type GatewayClient, monotonicNow, Peer } from "./connections.ts";
import { askToGoAway, atMost, closeAll } from "./farewell.ts";
import { type GatewayFaults, injectFaults } from "./faults.ts";
import { createEvents, isPing } from "./gateway-events.ts";
import { createHttpApi } from "./http-api.ts";
import { limitConnections, listen, refuse, shut } from "./http-server.ts";
import { createInvocations } from "./invocations.ts";
import { TextSocket } from "./text-socket.ts";

export interface GatewayOptions {
	/** @default 0: any free one */
	readonly port?: number;
	/** @default "127.0.0.1" */
	readonly host?: string;
	/** Age at which a connection is ended, in ms. @default API Gateway's 2 hours */
	readonly maxConnectionAgeMs?: number;
	/** Closes connections that have not joined in time. API Gateway cannot: there the handler refuses to serve them. */
	readonly joinDeadline?: JoinDeadline;
	/** How long a connection may be silent, in ms. @default API Gateway's 10 minutes */
	readonly maxIdleMs?: number;
	/**
	 * How long a client may show no sign of life before it gets a WebSocket ping, and how long it then has to answer it
	 * before it is taken for dead, in ms. So the dead are found in twice this time. @default 30 s
	 */
	readonly heartbeatMs?: number;
	/** The most that a client may leave unread before it is cut off, in bytes: that, and one frame. @default 4 MiB */
	readonly maxBufferedBytes?: number;
	/** The most that all clients together may leave unread before the slowest is cut off, in bytes. @default 64 MiB */
	readonly maxBufferedBytesInSum?: number;
	/** The most TCP connections at a time. One more is closed at once, and logged. @default no limit */
	readonly maxConnections?: number | undefined;
	/** How long each step of closing waits, in ms: for frames in flight, then for clients to say goodbye. @default 2 s */
	readonly graceMs?: number;
	/** Faults to inject, for tests. @default none */
	readonly faults?: GatewayFaults;
	readonly log: Log;
}

/** The side of a gateway that its handler uses. */
export interface GatewaySide {
	/** Sends to the gateway's sockets directly. */
	readonly sender: PeerSender;
	/** The URL of the gateway's @connections API, for a handler that calls it as in AWS. */
	readonly callbackEndpoint: string;
}

export interface Gateway extends GatewaySide {
	readonly port: number;
	/** `ws://host:port` */
	readonly url: string;
	readonly connectionCount: () => number;
	/** Tells all clients to go away, lets frames in flight out, and closes. */
	close(): Promise<void>;
}

/**
 * @throws the error of `listen`, e.g. EADDRINUSE
 */
export async function startGateway(
	options: GatewayOptions,
	makeHandler: (gateway: GatewaySide) => GatewayHandler | Promise<GatewayHandler>,
): Promise<Gateway> {
	const { port = 0, host = "127.0.0.1", heartbeatMs = 30_000, graceMs = 2_000, log } = options;
	const { maxConnectionAgeMs = MAX_CONNECTION_AGE_MS, maxIdleMs = MAX_IDLE_MS } = options;

	const { maxBufferedBytes = MAX_BUFFERED_BYTES, maxBufferedBytesInSum = MAX_BUFFERED_BYTES_IN_SUM } = options;
	const connections = createConnections(createBacklog({ maxBufferedBytes, maxBufferedBytesInSum, log }));
	const { peers } = connections;
	const faults = injectFaults(options.faults);
	const callbacks = faults.callbacks(connections);
	const sender = directSender(callbacks);
	const subprotocols = new WeakMap<IncomingMessage, string>();
	let closed: Promise<void> | undefined;

	const http = createServer(createHttpApi({ peers, callbacks, host, log }));
	const sockets = new WebSocketServer<typeof TextSocket>({
		noServer: true,
		maxPayload: GATEWAY_MAX_MESSAGE_BYTES, // ws closes with 1009 above it, as API Gateway does
		perMessageDeflate: false,
		clientTracking: false, // `peers` has them
		WebSocket: TextSocket,
		// A client that does not answer a close is as dead as one that does not answer a ping. (@types/ws lacks this one.)
		...{ closeTimeout: heartbeatMs },
		handleProtocols: (_offered, request) => subprotocols.get(request) ?? false,
	});

	if (options.maxConnections !== undefined) limitConnections(http, options.maxConnections, log);

	const boundPort = await listen(http, port, host);
	const authority = `${host.includes(":") ? `[${host}]` : host}:${boundPort}`;
	const callbackEndpoint = `http://${authority}`;
	const events = createEvents(authority);
	const { invoke, settled } = createInvocations(faults.handler(await makeHandler({ sender, callbackEndpoint })));

	const receive = (peer: Peer, text: string) => {
		if (isPing(text)) {
			connections.send(peer, encodeFrame({ type: "pong", timestamp: Date.now() }));
			return;
		}
		const event = events.message(peer, text);
		invoke(event).catch((error: unknown) => {
			log.error("handler_failed", { connectionId: peer.id }, error);
			const { connectionId, requestId } = event.requestContext;
			connections.send(peer, JSON.stringify({ message: "Internal server error", connectionId, requestId }));
		});
	};

	const accept = (caller: GatewayClient, socket: TextSocket, stream: Duplex, host: string | undefined) => {
		socket.stream = stream;
		const peer = new Peer(caller, socket, stream);
		peers.set(peer.id, peer);
		const heard = () => {
			peer.heardAt = monotonicNow();
			peer.pingedAt = undefined;
		};
		socket.on("pong", heard);
		socket.on("ping", heard);
		socket.on("message", (data, isBinary) => {
			heard();
			peer.lastActiveAt = peer.heardAt;
			if (isBinary) socket.close(CLOSE.unsupportedData, "Binary frames are not supported");
			else receive(peer, data.toString());
		});
		socket.on("error", (error) => log.debug("socket_error", { connectionId: peer.id, reason: error.message }));
		socket.on("close", (code, reason) => {
			connections.remove(peer);
			// API Gateway's own end would not be announced to the function either.
			if (closed !== undefined) return;
			invoke(events.disconnect(peer, host, code, reason.toString())).catch((error: unknown) =>
				log.error("handler_failed", { connectionId: peer.id }, error),
			);
		});
	};

	const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
		const caller: GatewayClient = {
			id: `${nodeCrypto.secret(11)}=`,
			connectedAt: Date.now(),
			identity: identityOf(request),
		};
		if (!URL.canParse(request.url ?? "/", "http://local")) return refuse(socket, 400);
		try {
			const { statusCode, headers } = await invoke(events.connect(caller, request));
			if (!Number.isInteger(statusCode)) throw new TypeError(`The handler gave the status ${statusCode}.`);
			if (statusCode < 200 || statusCode > 299) return refuse(socket, statusCode);
			const subprotocol = headers?.["Sec-WebSocket-Protocol"];
			if (subprotocol !== undefined) subprotocols.set(request, subprotocol);
			// Closing may have begun in the meantime, and does not know of this one.
			if (closed !== undefined) return refuse(socket, 503);
			sockets.handleUpgrade(request, socket, head, (webSocket) =>
				accept(caller, webSocket, socket, request.headers.host),
			);
		} catch (error) {
			log.error("handler_failed", { connectionId: caller.id }, error);
			refuse(socket, 500);
		}
	};

	http.on("upgrade", (request, socket, head) => {
		socket.on("error", () => socket.destroy()); // the client went away during the handshake
		if (closed !== undefined) refuse(socket, 503);
		else void upgrade(request, socket, head);
	});

	const stopChecks = startChecks(peers, {
		maxConnectionAgeMs,
		maxIdleMs,
		heartbeatMs,
		joinDeadline: options.joinDeadline,
	});

	const close = async () => {
		stopChecks();
		faults.stop();
		await atMost(graceMs, askToGoAway(peers.values()));
		await atMost(graceMs, settled());
		const goodbyes = closeAll(peers.values());
		await atMost(graceMs, goodbyes);
		for (const { socket } of peers.values()) socket.terminate();
		await goodbyes;
		await shut(http); // last, because it takes the function's callbacks
	};

	return {
		sender,
		callbackEndpoint,
		port: boundPort,
		url: `ws://${authority}`,
		connectionCount: () => peers.size,
		close: () => (closed ??= close()),
	};
}

function identityOf(request: IncomingMessage): GatewayClient["identity"] {
	const sourceIp = request.socket.remoteAddress ?? "";
	const userAgent = request.headers["user-agent"];
	return userAgent === undefined ? { sourceIp } : { sourceIp, userAgent };
}
