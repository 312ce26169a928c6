/**
 * A machine that does random things to the real core beside a plain model of who holds which id, and looks after every
 * step whether the two agree: who is joined is listed and reachable, every signal came once or was answered once, and
 * the notices of every peer are true, not repeated, and complete.
 */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { LEASE_MARGIN_MS } from "../../lambda/core/limits.ts";
import type { Clock, SignalingStore } from "../../lambda/core/ports.ts";
import { FIRST_POSITION, LAST_POSITION } from "../../lambda/core/routing-key.ts";
import { MAX_CONNECTION_AGE_MS } from "../../protocol/index.ts";
import type { Frame } from "../support/client.ts";
import { createLedger } from "../support/ledger.ts";
import { isNotice, lastNotices } from "../support/notices.ts";
import { aWorld, injected, noFault } from "../support/world.ts";
import { type Fault, P2PMESH_ID, PEER_IDS, ROOMS, type Step } from "./steps.ts";

const INSTANCES = 3;

/** A connection as the model knows it. */
interface Connection {
	readonly id: string;
	readonly room: string;
	readonly peerId: string;
	readonly openedAt: number;
	/** What arrived and no step has looked at. */
	readonly inbox: Frame[];
	/** The peers that a list or a notice told it of. */
	readonly knows: Set<string>;
	/** The key in its last welcome. */
	resumeKey?: string;
	/** Whether a fault hit its join, so that its end may not have been noted: joining again then announces it again. */
	joinedThroughFault: boolean;
	/** `due`: its socket has ended, and `$disconnect` has not come. */
	disconnect: "not due" | "due" | "done";
}

/** The counts of a machine, for the report. */
export interface Tally {
	steps: number;
	faults: number;
	signals: number;
	notices: number;
}

/** The result of a step, for the check after it. */
interface Outcome {
	/** The peer that has to be announced. */
	readonly announced?: Connection;
	/** The peer that may be announced a second time. */
	readonly announcedAgain?: Connection;
	/** Whether things happened at the same moment, so that notices may have crossed. */
	readonly crossed?: boolean;
}

type Policy = "replace" | "reject";

export interface Machine {
	/** Takes a step and checks everything. Rejects with the violation. */
	run(step: Step): Promise<void>;
	readonly tally: Tally;
}

const isAnswer = (frame: Frame) => frame.type === "bootstrap_peers" || frame.type === "error";
const nameOf = ({ room, peerId }: { room: string; peerId: string }) => `${room}\n${peerId}`;
const pick = <T>(from: readonly T[], n: number): T | undefined => from[n % Math.max(1, from.length)];

export function createMachine(policy: Policy, makeStore?: (clock: Clock) => SignalingStore): Machine {
	const world = aWorld({ duplicatePeerPolicy: policy }, makeStore);
	const instances = Array.from({ length: INSTANCES }, () => world.anInstance());
	const instance = (n: number) => instances[n % INSTANCES] as (typeof instances)[number];
	const rooms = ROOMS.map((name) => `${name}-${randomBytes(4).toString("hex")}`);
	const tally: Tally = { steps: 0, faults: 0, signals: 0, notices: 0 };

	const ledger = createLedger();
	const connections: Connection[] = [];
	/** By id: the connection that holds it. If its socket has ended, it is a ghost until it is found out. */
	const holders = new Map<string, Connection>();
	/** By id: the connection that held it last. */
	const lastHolders = new Map<string, Connection>();
	/** The notices that each connection got, and the connection that each is about. */
	const told = new Set<string>();
	let faulty = false;

	const isOpen = (connection: Connection) => world.isOpen(connection.id);
	const isHolder = (connection: Connection) => holders.get(nameOf(connection)) === connection;
	const isJoined = (connection: Connection) => isHolder(connection) && isOpen(connection);
	const isExpired = ({ openedAt }: Connection) =>
		Math.ceil((openedAt + MAX_CONNECTION_AGE_MS + LEASE_MARGIN_MS) / 1000) <= Math.floor(world.clock.now() / 1000);

	const hold = (connection: Connection) => {
		holders.set(nameOf(connection), connection);
		lastHolders.set(nameOf(connection), connection);
	};

	const open = (room: string, peerId: string): Connection => {
		const openedAt = world.clock.now();
		const connection: Connection = {
			id: world.open(),
			room,
			peerId,
			openedAt,
			inbox: [],
			knows: new Set(),
			joinedThroughFault: false,
			disconnect: "not due",
		};
		connections.push(connection);
		return connection;
	};

	/** Takes frames out of an inbox. */
	const take = ({ id, inbox }: Connection, wanted: (frame: Frame) => boolean): Frame[] => {
		inbox.push(...world.take(id));
		const taken = inbox.filter(wanted);
		inbox.splice(0, inbox.length, ...inbox.filter((frame) => !wanted(frame)));
		return taken;
	};

	/** One call of this step fails. */
	const arm = (fault: Fault | undefined) => {
		let left = fault?.at ?? -1;
		world.fault = (call) => {
			if (left-- !== 0) return;
			faulty = true;
			tally.faults += 1;
			// A post that fails may have been delivered or not, so that a model cannot predict its effect.
			if (fault?.how === "lose answer" && call.startsWith("store.")) return "lose answer";
			throw injected(call);
		};
	};

	/** Sends a frame, and sends it again without a fault if it was answered as unavailable. @returns the answers */
	const ask = async (connection: Connection, frame: object, step: Step): Promise<Frame[]> => {
		const attempt = async () => {
			const failure = await world.send(connection.id, frame, instance(step.instance)).catch((error: unknown) => error);
			assert(failure === undefined || faulty, `The handler failed without a fault: ${failure}`);
			const answers = take(connection, isAnswer);
			// If the handler fails, the gateway answers in its own words.
			return failure === undefined ? answers : [...answers, { type: "error", code: "UNAVAILABLE" }];
		};
		arm(step.fault);
		const answers = await attempt();
		world.fault = noFault;
		if (!answers.some(({ code }) => code === "UNAVAILABLE")) return answers;
		assert(faulty, "A frame was answered as unavailable without a fault.");
		assert.equal(answers.length, 1, "A frame was answered as unavailable and otherwise as well.");
		return attempt();
	};

	const disconnect = async (connection: Connection, step: Step, times = 1) => {
		connection.disconnect = "done";
		arm(step.fault);
		const calls = Array.from({ length: times }, (_, n) => instance(step.instance + n).disconnect(connection.id));
		const results = await Promise.allSettled(calls);
		world.fault = noFault;
		assert(faulty || results.every(({ status }) => status === "fulfilled"), "A $disconnect failed without a fault.");
	};

	const leasesOf = async (room: string) => {
		const everything = { room, from: FIRST_POSITION, to: LAST_POSITION, limit: 1_000 };
		return (await world.store.range({ ...everything, direction: "ascending", consistency: "strong" })).peers;
	};

	const joinFrame = ({ room, peerId }: Connection, key: "right" | "wrong" | "none") => {
		const resumeKey =
			key === "wrong" ? "wrong" : key === "right" ? lastHolders.get(nameOf({ room, peerId }))?.resumeKey : null;
		return { type: "join", room, peerId, resumeKey, anyId: peerId !== P2PMESH_ID };
	};

	/** A connection that is replaced is told why, and is closed before the newcomer is welcomed. */
	const checkDismissed = (old: Connection, resumed: boolean) => {
		const words = take(old, (frame) => frame.type === "go_away" || frame.type === "error");
		assert(!isOpen(old), "A connection that was replaced is still open.");
		if (old.disconnect === "not due" && !faulty) {
			assert.deepEqual(
				words.map(({ type, code }) => code ?? type),
				[resumed ? "go_away" : "PEER_ID_TAKEN"],
			);
		}
	};

	const steps: { [K in Step["kind"]]: (step: Extract<Step, { kind: K }>) => Promise<Outcome> } = {
		async join(step) {
			const connection = open(pick(rooms, step.room) as string, pick(PEER_IDS, step.peer) as string);
			const old = holders.get(nameOf(connection));
			const frame = joinFrame(connection, step.key);
			const resumes = old !== undefined && frame.resumeKey === old.resumeKey;
			const refused = old !== undefined && !resumes && policy === "reject" && isOpen(old);

			const [answer, ...others] = await ask(connection, frame, step);
			assert.deepEqual(others, [], "A join was answered twice.");
			if (refused) {
				assert.equal(answer?.code, "PEER_ID_TAKEN");
				return {};
			}
			assert.equal(answer?.type, "bootstrap_peers", `A join was answered ${JSON.stringify(answer)}.`);
			connection.resumeKey = answer.resumeKey as string;
			connection.joinedThroughFault = faulty;
			hold(connection);
			for (const { id } of answer.peers as { id: string }[]) {
				assert(id !== connection.peerId && holders.has(nameOf({ room: connection.room, peerId: id })));
				assert(connection.peerId !== P2PMESH_ID || /^[0-9a-f]{40}$/.test(id), `${id} was listed to p2pmesh's client.`);
				connection.knows.add(id);
			}
			if (old !== undefined) checkDismissed(old, resumes);
			return resumes ? {} : { announced: connection };
		},

		async rejoin(step) {
			const connection = pick(connections.filter(isJoined), step.connection);
			if (connection === undefined) return {};
			const answers = await ask(connection, joinFrame(connection, "none"), step);
			assert.deepEqual(
				answers.map(({ type, resumeKey }) => [type, resumeKey]),
				[["bootstrap_peers", connection.resumeKey]],
			);
			return connection.joinedThroughFault ? { announcedAgain: connection } : {};
		},

		async signal(step) {
			const from = pick(connections.filter(isOpen), step.from);
			if (from === undefined) return {};
			const to = pick(PEER_IDS, step.to) as string;
			const target = holders.get(nameOf({ room: from.room, peerId: to }));
			const wasJoined = isHolder(from);
			tally.signals += 1;
			const isReachable = wasJoined && target !== undefined && isOpen(target);
			const mark = ledger.send(from.id, isReachable ? target.id : "none");

			const answers = await ask(from, { type: "signal", to, n: mark }, step);

			for (const connection of connections) {
				for (const frame of take(connection, ({ type }) => type === "signal")) {
					assert.deepEqual([frame.n, frame.from], [mark, from.peerId]);
					ledger.arrived(frame.n as number, connection.id);
				}
			}
			for (const { code } of answers) {
				assert.equal(code, wasJoined ? "PEER_NOT_FOUND" : "NOT_JOINED");
				ledger.refused(mark);
			}
			assert.equal(ledger.fate(mark), isReachable ? "delivered" : "refused");
			assert.equal(ledger.strays(), 0, "A signal came to a connection that it was not sent to.");
			return {};
		},

		async leave(step) {
			const connection = pick(connections.filter(isJoined), step.connection);
			if (connection === undefined) return {};
			const answers = await ask(connection, { type: "leave" }, step);
			assert.deepEqual(answers, []);
			assert(!isOpen(connection), "It left, and is still connected.");
			holders.delete(nameOf(connection));
			return {};
		},

		async drop(step) {
			const connection = pick(connections.filter(isOpen), step.connection);
			if (connection === undefined) return {};
			world.end(connection.id);
			if (step.disconnect === "now") await disconnect(connection, step);
			else connection.disconnect = step.disconnect === "later" ? "due" : "done";
			return {};
		},

		async disconnects(step) {
			const due = connections.filter((connection) => connection.disconnect === "due");
			const connection = pick(due, step.connection);
			if (connection !== undefined) await disconnect(connection, step, step.times);
			return {};
		},

		async forward(step) {
			world.clock.forward(step.minutes * 60_000);
			for (const connection of connections.filter(isOpen)) {
				if (world.clock.now() - connection.openedAt >= MAX_CONNECTION_AGE_MS) world.end(connection.id);
			}
			for (const [name, holder] of [...holders]) if (isExpired(holder)) holders.delete(name);
			return {};
		},

		async race(step) {
			const room = pick(rooms, step.room) as string;
			const peerId = pick(PEER_IDS, step.peer) as string;
			const old = holders.get(nameOf({ room, peerId }));
			const joiners = step.keys.map(() => open(room, peerId));
			const frames = joiners.map((joiner, n) => joinFrame(joiner, step.keys[n] ?? "none"));

			let turn = 0;
			world.fault = async () => {
				for (let left = pick(step.ticks, turn++) ?? 0; left > 0; left--) await new Promise(setImmediate);
			};
			const running = joiners.map((joiner, n) => world.send(joiner.id, frames[n], instance(step.instance + n)));
			if (old !== undefined && step.drop) {
				world.end(old.id);
				old.disconnect = "done";
				running.push(instance(step.instance + joiners.length).disconnect(old.id));
			}
			await Promise.all(running);
			world.fault = noFault;

			const lease = (await leasesOf(room)).find((record) => record.peerId === peerId);
			const winner = connections.find(({ id }) => id === lease?.connectionId);
			assert(winner && isOpen(winner), "Several joined, and nobody who is connected holds the id.");
			hold(winner);
			for (const connection of [...joiners, ...(old ? [old] : [])]) {
				const answers = take(connection, (frame) => isAnswer(frame) || frame.type === "go_away");
				const welcome = answers.find(({ type }) => type === "bootstrap_peers");
				if (welcome) connection.resumeKey = welcome.resumeKey as string;
				for (const { id } of (welcome?.peers ?? []) as { id: string }[]) connection.knows.add(id);
				if (connection === winner) assert(connection.resumeKey, "Who holds the id was not welcomed.");
				else assert(!(isOpen(connection) && connection.resumeKey), "Two that are connected act under one id.");
			}
			return { crossed: true };
		},
	};

	/** Notices that came one after the other: each is true, and came once. */
	const checkNotice = (connection: Connection, { type, room, peerId }: Frame) => {
		assert.equal(room, connection.room, "A notice came from another room.");
		const subject = lastHolders.get(nameOf({ room, peerId } as Connection));
		assert(subject, `${type} of ${peerId}, who never was.`);
		assert.equal(type === "peer_joined", isHolder(subject), `${type} of ${peerId} is not true.`);
		const mark = `${connection.id} ${type} ${subject.id}`;
		assert(!told.has(mark), `${type} of ${peerId} was told twice.`);
		told.add(mark);
	};

	/** Notices of a race may have crossed: the last one of each peer, by time, is true. */
	const checkLastNotice = (connection: Connection, notices: readonly Frame[]) => {
		for (const [peerId, type] of lastNotices(notices)) {
			const holder = holders.get(nameOf({ room: connection.room, peerId }));
			if (holder && isOpen(holder)) assert.equal(type, "peer_joined", `${peerId} is there, but is said to have left.`);
		}
	};

	/** In a small room one of every two peers knows the other, for every form of their ids: the room is one mesh. */
	const checkOneMesh = (room: string) => {
		const joined = connections.filter((connection) => connection.room === room && isJoined(connection));
		for (const [n, one] of joined.entries()) {
			for (const other of joined.slice(n + 1)) {
				// Its list cannot hold every id, so a notice has to tell the others, and a fault may take that.
				if (tally.faults > 0 && [one.peerId, other.peerId].includes(P2PMESH_ID)) continue;
				const linked = one.knows.has(other.peerId) || other.knows.has(one.peerId);
				assert(linked, `${one.peerId} and ${other.peerId} do not know of each other.`);
			}
		}
	};

	const check = async (before: ReadonlyMap<string, Connection>, outcome: Outcome) => {
		const { announced, announcedAgain, crossed = false } = outcome;
		for (const connection of connections) {
			if (connection.disconnect === "not due" && !isOpen(connection)) connection.disconnect = "due";
		}
		for (const room of rooms) {
			const listed = new Map((await leasesOf(room)).map((lease) => [nameOf(lease), lease.connectionId]));
			for (const [name, holder] of [...holders]) {
				if (holder.room !== room) continue;
				if (isOpen(holder)) assert.equal(listed.get(name), holder.id, `${holder.peerId} is joined, and not listed.`);
				else if (listed.get(name) !== holder.id) holders.delete(name); // a ghost, found out
				if (holders.has(name)) listed.delete(name);
			}
			assert.deepEqual([...listed], [], "Somebody is listed who is not there.");
		}

		const departed = [...before.values()].filter((holder) => !holders.has(nameOf(holder)) && !isExpired(holder));
		for (const connection of connections) {
			const all = take(connection, isNotice);
			assert.deepEqual(
				take(connection, () => true),
				[],
				"Frames came that nobody expects.",
			);
			tally.notices += all.length;
			for (const { type, peerId } of all) if (type === "peer_joined") connection.knows.add(peerId as string);
			if (crossed) {
				checkLastNotice(connection, all);
				continue;
			}
			const again = (frame: Frame) => frame.type === "peer_joined" && frame.peerId === announcedAgain?.peerId;
			const notices = all.filter((frame) => !again(frame));
			for (const notice of notices) checkNotice(connection, notice);
			if (!isJoined(connection) || faulty) continue; // a notice that a fault took is not repeated: it is a hint
			const expected = departed
				.filter(({ room }) => room === connection.room)
				.map(({ peerId }) => `peer_left ${peerId}`);
			if (announced && announced !== connection && announced.room === connection.room) {
				expected.push(`peer_joined ${announced.peerId}`);
			}
			const news = notices.map(({ type, peerId }) => `${type} ${peerId}`);
			assert.deepEqual(news.sort(), expected.sort(), `What ${connection.peerId} was told is not what happened.`);
		}
		for (const room of rooms) checkOneMesh(room);
	};

	return {
		tally,
		async run(step) {
			tally.steps += 1;
			faulty = false;
			const before = new Map(holders);
			const outcome = await steps[step.kind](step as never);
			await check(before, outcome);
		},
	};
}
