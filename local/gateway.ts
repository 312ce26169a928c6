/**
 * API Gateway on a laptop: turns sockets into the events of a WebSocket API and hands them to the same handler that
 * runs in Lambda. It keeps API Gateway's limits and manners, so that what works here works there.
 */
import { randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import {
	GATEWAY_MAX_MESSAGE_BYTES,
	MAX_CONNECTION_AGE_MS,
	MAX_IDLE_MS,
	RECONNECT_WITHIN_MS,
} from "../lambda/core/limits.ts";
import type { Log, PeerSender } from "../lambda/core/ports.ts";
import { encodeFrame } from "../lambda/core/protocol.ts";
import type { GatewayEvent, GatewayHandler } from "../lambda/gateway-event.ts";
import { createHttpApi } from "./http-api.ts";

/** Routes that the Terraform module gives a key of their own. All others go to `$default`. */
const ROUTE_KEYS = new Set(["join", "signal"]);

/** Close codes: https://www.iana.org/assignments/websocket/websocket.xhtml#close-code-number */
const CLOSE = { normal: 1000, goingAway: 1001, unsupportedData: 1003 } as const;

/** What a client that does not read may leave unsent, in bytes, before it is cut off. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

/** How often sockets are checked for age, idleness and signs of life, in ms. */
const CHECK_INTERVAL_MS = 1_000;

export interface GatewayOptions {
	/** @default 0: any free one */
	readonly port?: number;
	/** @default "127.0.0.1" */
	readonly host?: string;
	/** Age at which a connection is ended, in ms. @default API Gateway's 2 hours */
	readonly maxConnectionAgeMs?: number;
	/** How long a connection may be silent, in ms. @default API Gateway's 10 minutes */
	readonly maxIdleMs?: number;
	/** How often a client has to answer a WebSocket ping, in ms. One that does not is taken for dead. @default 30 s */
	readonly heartbeatMs?: number;
	/** How long closing waits for clients to say goodbye, in ms. @default 2 s */
	readonly graceMs?: number;
	readonly log: Log;
}

/** What a handler needs of the gateway that it serves. */
export interface GatewaySide {
	/** Sends to the gateway's sockets directly. */
	readonly sender: PeerSender;
	/** Where the gateway answers @connections calls, for a handler that uses the AWS SDK. */
	readonly callbackEndpoint: string;
}

export interface Gateway extends GatewaySide {
	readonly port: number;
	/** `ws://host:port` */
	readonly url: string;
	readonly connectionCount: () => number;
	/** Tells everybody to go away, lets frames in flight out, and closes. */
	close(): Promise<void>;
}

/** One client. */
export interface Peer {
	readonly id: string;
	readonly socket: WebSocket;
	readonly connectedAt: number;
	readonly sourceIp: string;
	readonly userAgent: string | undefined;
	lastActiveAt: number;
	/** When a WebSocket ping was sent that has not been answered, in ms since the epoch. */
	pingedAt: number | undefined;
}

/**
 * @throws the error of `listen`, e.g. EADDRINUSE
 */
export async function startGateway(
	options: GatewayOptions,
	makeHandler: (gateway: GatewaySide) => GatewayHandler | Promise<GatewayHandler>,
): Promise<Gateway> {
	const {
		port = 0,
		host = "127.0.0.1",
		maxConnectionAgeMs = MAX_CONNECTION_AGE_MS,
		maxIdleMs = MAX_IDLE_MS,
		heartbeatMs = 30_000,
		graceMs = 2_000,
		log,
	} = options;

	const peers = new Map<string, Peer>();
	const subprotocols = new WeakMap<IncomingMessage, string>();
	const invocations = new Set<Promise<unknown>>();
	let closing = false;

	const sender: PeerSender = {
		async post(connectionId, text) {
			const peer = peers.get(connectionId);
			if (peer === undefined || peer.socket.readyState !== peer.socket.OPEN) return "gone";
			if (peer.socket.bufferedAmount > MAX_BUFFERED_BYTES) {
				log.warn("slow_reader_cut_off", { connectionId });
				peer.socket.terminate();
				return "gone";
			}
			peer.lastActiveAt = Date.now();
			peer.socket.send(text);
			return "sent";
		},
		async close(connectionId) {
			peers.get(connectionId)?.socket.close(CLOSE.normal);
		},
		async isOpen(connectionId) {
			const socket = peers.get(connectionId)?.socket;
			return socket !== undefined && socket.readyState === socket.OPEN;
		},
	};

	const http = createServer(createHttpApi({ peers, sender }));
	const sockets = new WebSocketServer({
		noServer: true,
		maxPayload: GATEWAY_MAX_MESSAGE_BYTES, // ws closes with 1009 above it, as API Gateway does
		perMessageDeflate: false,
		handleProtocols: (_offered, request) => subprotocols.get(request) ?? false,
	});

	await new Promise<void>((resolve, reject) => {
		http.once("error", reject);
		http.listen(port, host, () => {
			http.off("error", reject);
			resolve();
		});
	});
	const address = http.address() as AddressInfo;
	const authority = `${host.includes(":") ? `[${host}]` : host}:${address.port}`;
	const callbackEndpoint = `http://${authority}`;
	const handler = await makeHandler({ sender, callbackEndpoint });

	/** Runs the handler and keeps count of it, so that closing can wait for what is under way. */
	const invoke = (event: GatewayEvent) => {
		const invocation = (async () => handler(event))();
		invocations.add(invocation);
		const done = () => invocations.delete(invocation);
		invocation.then(done, done);
		return invocation;
	};

	const context = (
		peer: Pick<Peer, "id" | "connectedAt" | "sourceIp" | "userAgent">,
		eventType: GatewayEvent["requestContext"]["eventType"],
		routeKey: string,
	) => {
		const requestId = randomBytes(8).toString("base64url");
		const now = Date.now();
		return {
			eventType,
			routeKey,
			connectionId: peer.id,
			connectedAt: peer.connectedAt,
			requestId,
			extendedRequestId: requestId,
			requestTimeEpoch: now,
			messageDirection: "IN",
			stage: "local",
			apiId: "local",
			domainName: authority,
			identity: { sourceIp: peer.sourceIp, ...(peer.userAgent !== undefined && { userAgent: peer.userAgent }) },
		};
	};

	const receive = async (peer: Peer, text: string) => {
		const routeKey = routeOf(text);
		if (routeKey === "ping") {
			peer.socket.send(encodeFrame({ type: "pong", timestamp: Date.now() }));
			return;
		}
		const requestContext = {
			...context(peer, "MESSAGE", routeKey),
			messageId: randomBytes(8).toString("base64url"),
		};
		try {
			await invoke({ requestContext, body: text, isBase64Encoded: false });
		} catch (error) {
			log.error("handler_failed", { connectionId: peer.id }, error);
			const { requestId } = requestContext;
			peer.socket.send(JSON.stringify({ message: "Internal server error", connectionId: peer.id, requestId }));
		}
	};

	const accept = (peer: Peer, socket: WebSocket, host: string | undefined) => {
		peers.set(peer.id, peer);
		socket.on("message", (data, isBinary) => {
			peer.lastActiveAt = Date.now();
			if (isBinary) socket.close(CLOSE.unsupportedData, "Binary frames are not supported");
			else void receive(peer, data.toString());
		});
		socket.on("pong", () => {
			peer.pingedAt = undefined;
		});
		socket.on("error", (error) => log.debug("socket_error", { connectionId: peer.id, reason: error.message }));
		socket.on("close", (code, reason) => {
			peers.delete(peer.id);
			// API Gateway's own end would not be announced to the function either.
			if (closing) return;
			const requestContext = {
				...context(peer, "DISCONNECT", "$disconnect"),
				disconnectStatusCode: code,
				disconnectReason: reason.toString(),
			};
			invoke({
				requestContext,
				headers: { Host: host, "x-api-key": "", "X-Forwarded-For": "", "x-restapi": "" },
				isBase64Encoded: false,
			}).catch((error: unknown) => log.error("handler_failed", { connectionId: peer.id }, error));
		});
	};

	const upgrade = async (request: IncomingMessage, socket: Duplex, head: Buffer) => {
		const connectedAt = Date.now();
		const peer = {
			id: `${randomBytes(11).toString("base64url")}=`,
			connectedAt,
			sourceIp: request.socket.remoteAddress ?? "",
			userAgent: request.headers["user-agent"],
		};
		const query = Object.fromEntries(new URL(request.url ?? "/", "http://local").searchParams);
		try {
			const result = await invoke({
				requestContext: context(peer, "CONNECT", "$connect"),
				headers: headersAsSent(request),
				...(Object.keys(query).length > 0 && { queryStringParameters: query }),
				isBase64Encoded: false,
			});
			if (result.statusCode < 200 || result.statusCode > 299) return refuse(socket, result.statusCode);
			const subprotocol = result.headers?.["Sec-WebSocket-Protocol"];
			if (subprotocol !== undefined) subprotocols.set(request, subprotocol);
		} catch (error) {
			log.error("handler_failed", { connectionId: peer.id }, error);
			return refuse(socket, 500);
		}
		sockets.handleUpgrade(request, socket, head, (webSocket) => {
			const lastActiveAt = Date.now();
			accept({ ...peer, socket: webSocket, lastActiveAt, pingedAt: undefined }, webSocket, request.headers.host);
		});
	};

	http.on("upgrade", (request, socket, head) => {
		socket.on("error", () => socket.destroy()); // the client went away during the handshake
		if (closing) refuse(socket, 503);
		else void upgrade(request, socket, head);
	});

	let heartbeatAt = Date.now();
	const checks = setInterval(() => {
		const now = Date.now();
		const beat = now - heartbeatAt >= heartbeatMs;
		if (beat) heartbeatAt = now;
		for (const peer of peers.values()) {
			if (now - peer.connectedAt >= maxConnectionAgeMs || now - peer.lastActiveAt >= maxIdleMs) {
				peer.socket.close(CLOSE.goingAway, "Going away");
			} else if (beat) {
				if (peer.pingedAt !== undefined) {
					peer.socket.terminate();
					continue;
				}
				peer.pingedAt = now;
				peer.socket.ping();
			}
		}
	}, CHECK_INTERVAL_MS);
	checks.unref();

	return {
		sender,
		callbackEndpoint,
		port: address.port,
		url: `ws://${authority}`,
		connectionCount: () => peers.size,
		async close() {
			if (closing) return;
			closing = true;
			clearInterval(checks);
			const stopped = new Promise((resolve) => http.close(resolve));
			await Promise.allSettled(invocations);

			const goAway = encodeFrame({
				type: "go_away",
				reason: "the server is shutting down",
				reconnectWithin: RECONNECT_WITHIN_MS,
			});
			const closed = [...peers.values()].map(({ socket }) => {
				if (socket.readyState === socket.OPEN) socket.send(goAway);
				socket.close(CLOSE.goingAway, "Going away");
				return new Promise((resolve) => socket.once("close", resolve));
			});
			const grace = setTimeout(() => {
				for (const { socket } of peers.values()) socket.terminate();
			}, graceMs);
			await Promise.all(closed);
			clearTimeout(grace);
			http.closeAllConnections();
			await stopped;
		},
	};
}

/** What `$request.body.type` selects, as API Gateway evaluates it. */
function routeOf(text: string): string {
	try {
		const type: unknown = JSON.parse(text)?.type;
		if (type === "ping" || (typeof type === "string" && ROUTE_KEYS.has(type))) return type;
	} catch {
		// Not JSON goes to `$default`, where the handler says so.
	}
	return "$default";
}

function headersAsSent(request: IncomingMessage): Record<string, string> {
	const headers: Record<string, string> = {};
	for (let i = 0; i < request.rawHeaders.length; i += 2) {
		headers[request.rawHeaders[i] as string] = request.rawHeaders[i + 1] as string;
	}
	return headers;
}

function refuse(socket: Duplex, status: number): void {
	socket.end(
		`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Refused"}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
	);
}
