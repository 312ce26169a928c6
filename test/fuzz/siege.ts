/**
 * The handler under a hostile client, over memory: one instance for the whole test, a bystander in the room that is
 * attacked and a stranger in another one. Every frame is looked after at once: it was answered once or delivered once,
 * and no client got a frame that was not meant for it.
 */
import assert from "node:assert/strict";
import { memoryStore } from "../../lambda/adapters/memory-store.ts";
import type { Clock, Log, PeerSender, TokenVerifier } from "../../lambda/core/ports.ts";
import type { Settings } from "../../lambda/core/settings.ts";
import { createHandler } from "../../lambda/handler.ts";
import { MAX_CONNECTION_AGE_MS } from "../../protocol/index.ts";
import { someDependencies } from "../support/defaults.ts";
import { aConnectEvent, aDisconnectEvent, aMessageEvent } from "../support/events.ts";
import { fateOf, isKept } from "../support/ledger.ts";
import { aClock } from "../support/records.ts";
import { type Answer, isRelayOf, readAnswer } from "./answers.ts";
import { BYSTANDER, STRANGER } from "./frames.ts";
import type { Tally } from "./tally.ts";
import { passFor } from "./tokens.ts";

/** One frame of an attack, and how its event is shaped. */
export interface Step {
	readonly text: string;
	/** `late`: on the connection that was closed last, as a frame that was under way. `new`: on a further connection. */
	readonly on: "current" | "late" | "new";
	readonly routeKey: string;
	readonly isBase64Encoded: boolean;
}

export interface Attack {
	/** ms that pass before each frame. */
	readonly pace: number;
	/** An allowed join, to begin with. */
	readonly join: string | undefined;
	readonly steps: readonly Step[];
}

interface Socket {
	readonly id: string;
	readonly connectedAt: number;
	open: boolean;
	/** What arrived since it was last looked at. */
	inbox: string[];
	/** Its identity, by its welcome. */
	identity?: Person;
}

/** The identity of a peer in the mesh. */
export interface Person {
	readonly room: string;
	readonly peerId: string;
}

/** How old the others' connections may be when an attack begins: it may last for most of the rest of their lives. */
const RENEWAL_MS = MAX_CONNECTION_AGE_MS / 8;

export interface SiegeOptions {
	readonly settings: Partial<Settings>;
	readonly tally: Tally;
	/** Makes every client need a token; {@link passFor} has the tokens of the bystander and the stranger. */
	readonly tokens?: (clock: Clock) => TokenVerifier;
	/** Whether the hostile client may be welcomed as this. @default as anybody */
	readonly mayBecome?: (identity: Person) => boolean;
}

export function createSiege({ settings, tally, tokens, mayBecome = () => true }: SiegeOptions) {
	const clock = aClock();
	const sockets = new Map<string, Socket>();
	const errors: unknown[] = [];
	let opened = 0;

	const ignore = () => {};
	const log: Log = { debug: ignore, info: ignore, warn: ignore, error: (...line) => void errors.push(line) };
	const sender: PeerSender = {
		async post(id, text) {
			const socket = sockets.get(id);
			if (!socket?.open) return "gone";
			socket.inbox.push(text);
			return "sent";
		},
		async close(id) {
			const socket = sockets.get(id);
			if (socket) socket.open = false;
		},
		isOpen: async (id) => sockets.get(id)?.open === true,
	};
	const store = memoryStore({ clock });
	const handler = createHandler({
		...someDependencies(sender, settings),
		clock,
		store,
		log,
		tokens: tokens?.(clock),
	});

	const open = async (): Promise<Socket> => {
		const socket: Socket = { id: `${++opened}=`, connectedAt: clock.now(), open: true, inbox: [] };
		sockets.set(socket.id, socket);
		const { id: connectionId, connectedAt } = socket;
		assert.deepEqual(await handler(aConnectEvent({ requestContext: { connectionId, connectedAt } })), {
			statusCode: 200,
		});
		return socket;
	};
	const send = async ({ id: connectionId, connectedAt }: Socket, text: string, step?: Step) => {
		const changes = step && { isBase64Encoded: step.isBase64Encoded };
		const requestContext = { connectionId, connectedAt, ...(step && { routeKey: step.routeKey }) };
		assert.deepEqual(await handler(aMessageEvent(text, { ...changes, requestContext })), { statusCode: 200 });
	};
	const drop = async (socket: Socket) => {
		socket.open = false;
		sockets.delete(socket.id);
		const requestContext = { connectionId: socket.id, connectedAt: socket.connectedAt };
		assert.deepEqual(await handler(aDisconnectEvent({ requestContext })), { statusCode: 200 });
	};
	const take = (socket: Socket): string[] => socket.inbox.splice(0);

	const settle = async (peer: Person): Promise<Socket> => {
		const socket = await open();
		await send(socket, JSON.stringify({ type: "join", ...peer, token: passFor(peer) }));
		assert.deepEqual(
			take(socket).map((text) => readAnswer(text).kind),
			["bootstrap_peers"],
		);
		return socket;
	};
	let bystander: Socket | undefined;
	let stranger: Socket | undefined;

	/** The two who are there before the attack. Time passes, so they are on new connections now and then. */
	const settled = async (): Promise<[Socket, Socket]> => {
		if (bystander === undefined || stranger === undefined || clock.now() - bystander.connectedAt > RENEWAL_MS) {
			if (bystander !== undefined) await drop(bystander);
			if (stranger !== undefined) await drop(stranger);
			bystander = await settle(BYSTANDER);
			stranger = await settle(STRANGER);
		}
		return [bystander, stranger];
	};

	const run = async ({ pace, join, steps }: Attack): Promise<void> => {
		const [watching, elsewhere] = await settled();
		const own: Socket[] = [await open()];
		let late: Socket | undefined;
		/** The last that the bystander heard of each id. */
		const heard = new Map<string, string>();

		/** What the bystander got because of one frame. @returns how many frames were delivered to it */
		const watch = (sent: string, by: Socket | undefined): number => {
			let delivered = 0;
			for (const text of take(watching)) {
				const { kind, frame } = readAnswer(text);
				if (kind === "delivered") {
					assert(by?.identity?.room === BYSTANDER.room, `Delivered from another room: ${text.slice(0, 300)}`);
					assert(isRelayOf(sent, text, by.identity.peerId), `Not what was sent: ${text.slice(0, 300)}`);
					delivered++;
				} else {
					assert(kind === "peer_joined" || kind === "peer_left", `Not for the bystander: ${text}`);
					assert.equal(frame.room, BYSTANDER.room);
					assert.notEqual(frame.peerId, BYSTANDER.peerId);
					if (kind === "peer_joined") assert.equal(frame.peerId, by?.identity?.peerId);
					heard.set(frame.peerId as string, kind);
				}
			}
			assert.deepEqual(elsewhere.inbox, [], "Something has come to another room");
			return delivered;
		};

		const play = async (step: Step) => {
			clock.forward(pace);
			let socket = own.at(-1) as Socket;
			if (step.on === "late" && late !== undefined) socket = late;
			else if (step.on === "new" || !socket.open) {
				if (!socket.open) late = socket;
				own.push((socket = await open()));
			}
			const wasOpen = socket.open;
			await send(socket, step.text, step);

			const answers = take(socket).map(readAnswer);
			const welcome = answers.find(({ kind }) => kind === "bootstrap_peers")?.frame;
			if (welcome) {
				socket.identity = { room: welcome.room as string, peerId: welcome.peerId as string };
				assert(mayBecome(socket.identity), `Welcomed by ${step.text}`);
			}
			const toOthers = own.flatMap((other) => take(other).map(readAnswer)).filter(({ kind }) => kind === "delivered");
			const delivered = watch(step.text, socket) + toOthers.length;
			// An own connection may hear of another own one.
			const said = answers.filter(({ kind }) => kind !== "peer_joined" && kind !== "peer_left");

			const outcome = outcomeOf(said, delivered, wasOpen, socket.open);
			assert(outcome, `${said.map(({ kind }) => kind)} and ${delivered} deliveries for ${step.text.slice(0, 300)}`);
			tally.count(outcome);
		};

		try {
			if (join) await play({ text: join, on: "current", routeKey: "join", isBase64Encoded: false });
			for (const step of steps) await play(step);
		} finally {
			for (const socket of own) await drop(socket);
			if (late !== undefined) await drop(late); // $disconnect may come twice
		}
		assert.equal(watch("", undefined), 0);
		for (const [peerId, last] of heard) assert.equal(last, "peer_left", `${peerId} has not left`);
		assert(watching.open && elsewhere.open, "Somebody else was closed");
		assert.deepEqual(errors, []);
	};

	return { run, connectionCount: () => sockets.size };
}

/** The outcome of one frame, in the words of the tally; undefined if it breaks the rule. */
function outcomeOf(said: readonly Answer[], delivered: number, wasOpen: boolean, isOpen: boolean): string | undefined {
	const fate = fateOf(delivered, said.length);
	if (!wasOpen) return fate === "lost" ? "nothing: the connection had been closed" : undefined;
	if (fate === "lost") return isOpen ? undefined : "closed";
	return isKept(fate) ? `${said[0]?.kind ?? "delivered"}${isOpen ? "" : ", closed"}` : undefined;
}
