/** What each operation costs, as exact numbers, on the bundle that ships. They must not grow with the room. */
import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished, vi } from "vitest";
import { ROOM_UNITS } from "../bench/scaling/bounds.ts";
import operations from "../cli/cost/operations.json" with { type: "json" };
import type { GatewayEvent, GatewayHandler } from "../lambda/gateway-event.ts";
import { CLIENT_FRAME_TYPES, FRAME_TYPES } from "../protocol/index.ts";
import { giveAmpleTime } from "./support/ample-time.mjs";
import { emfFaults } from "./support/emf.ts";
import { aConnectEvent, aDisconnectEvent, aMessageEvent } from "./support/events.ts";
import { type MeteredAws, sequentialRoundTrips, startMeteredAws } from "./support/metered-aws.ts";
import { type SecretsServer, startSecretsServer } from "./support/secrets-server.ts";
import { aSecret, aToken } from "./support/tokens.ts";

let aws: MeteredAws;
beforeAll(giveAmpleTime);
beforeAll(async () => {
	aws = await startMeteredAws(inject("bundle"));
});
afterAll(() => aws.close());

/** Ids that look random and are the same in every run: one search in some thousands takes two queries more. */
let ids = 0;
const aHexId = () => createHash("sha1").update(String(ids++)).digest("hex");

describe("with tokens", () => {
	const secret = aSecret();
	let secrets: SecretsServer;
	let instance: GatewayHandler;

	beforeAll(async () => {
		secrets = await startSecretsServer();
		secrets.values.set("/auth", secret);
		Object.assign(process.env, {
			AUTH_MODE: "shared_secret",
			AUTH_SECRET_NAME: "ssm:/auth",
			AUTH_CLAIMS_REQUIRED: "false",
		});
		instance = await aws.anInstance();
		process.env.AUTH_MODE = "none";
	});
	afterAll(() => secrets.close());

	const callsOf = async (event: GatewayEvent) => {
		aws.take();
		await instance(event);
		return aws.take().map((call) => call.operation);
	};
	const aConnection = () => ({ connectionId: `${randomBytes(8).toString("hex")}=`, connectedAt: Date.now() });
	const joining = (fields: object, requestContext: object) =>
		aMessageEvent(JSON.stringify({ type: "join", room: "tokens", peerId: aHexId(), ...fields }), { requestContext });

	it("one in the URL takes a write, and a read more with the join", async () => {
		const requestContext = aConnection();
		const queryStringParameters = { token: await aToken(secret) };

		expect(await callsOf(aConnectEvent({ requestContext, queryStringParameters }))).toEqual(["PutItem"]);
		const calls = await callsOf(joining({}, requestContext));
		expect(calls.filter((operation) => operation === "GetItem")).toHaveLength(1);
	});

	it("one in the join takes nothing more", async () => {
		const requestContext = aConnection();

		expect(await callsOf(aConnectEvent({ requestContext }))).toEqual([]);
		expect(await callsOf(joining({ token: await aToken(secret) }, requestContext))).not.toContain("GetItem");
	});

	it("the secret is read once, however many tokens come", () => {
		expect(secrets.calls).toEqual(["ssm:GetParameter"]);
	});
});

const thorough = inject("thorough");
/** All types that are relayed share one row of the table, and one way through the core: `npm test` has one of them. */
const types = CLIENT_FRAME_TYPES.filter((type) => thorough || FRAME_TYPES[type].kind === "own" || type === "signal");

// `npm test` leaves the large room to `npm run test:slow`, which has to fill it.
describe.each(thorough ? [1_000] : [10])("with %i peers in the room", (size) => {
	const room = `room of ${size}`;
	const residents = Array.from({ length: size }, aHexId);
	const target = residents[0] as string;
	let warm: GatewayHandler;
	let connectionId: string;

	beforeAll(async () => {
		await aws.fill(room, residents);
		warm = await aws.anInstance();
	});
	beforeEach(() => {
		connectionId = `${randomBytes(8).toString("hex")}=`;
		aws.take();
	});

	const send = (frame: unknown, handler = warm) =>
		handler(aMessageEvent(JSON.stringify(frame), { requestContext: { connectionId, connectedAt: Date.now() } }));
	const disconnect = () => warm(aDisconnectEvent({ requestContext: { connectionId } }));
	const join = async () => {
		await send({ type: "join", room, peerId: aHexId() });
		return aws.take();
	};
	const count = (calls = aws.take()) => {
		const counts: Record<string, number> = {};
		for (const { operation } of calls) counts[operation] = (counts[operation] ?? 0) + 1;
		return counts;
	};

	it("a connect calls nobody", async () => {
		await warm(aConnectEvent());

		expect(count()).toEqual({});
	});

	it("a join takes eight calls of DynamoDB, three round trips before it posts, and nine posts", async () => {
		aws.latencyMs = 300;
		const calls = await join();
		aws.latencyMs = 0;

		expect(count(calls)).toEqual({ PutItem: 2, Query: 5, UpdateItem: 1, POST: 9 });
		const firstPost = calls.find((call) => call.operation === "POST");
		expect(JSON.parse(firstPost?.frame ?? "")).toMatchObject({ type: "bootstrap_peers" });
		const before = calls.filter((call) => call.startedAt < (firstPost?.startedAt ?? 0));
		expect(sequentialRoundTrips(before)).toBe(3);
	});

	it("a join whose id is held takes two calls more to win it, and one to bar who held it", async () => {
		const taken = aHexId();
		await send({ type: "join", room, peerId: taken });
		aws.take();
		connectionId = `${randomBytes(8).toString("hex")}=`;

		await send({ type: "join", room, peerId: taken });

		expect(count()).toEqual({ PutItem: 3, GetItem: 1, Query: 5, UpdateItem: 2, POST: 10, DELETE: 1 });
	});

	it("a resume tells nobody but the connection that it replaces", async () => {
		const peerId = aHexId();
		await send({ type: "join", room, peerId });
		const welcome = aws.take().find((call) => call.operation === "POST")?.frame ?? "";
		const { resumeKey } = JSON.parse(welcome);
		connectionId = `${randomBytes(8).toString("hex")}=`;

		await send({ type: "join", room, peerId, resumeKey });

		expect(count()).toEqual({ GetItem: 1, PutItem: 2, Query: 5, UpdateItem: 2, POST: 2, DELETE: 1 });
	});

	it("a warm signal takes one post and nothing else", async () => {
		await join();
		await send({ type: "signal", to: target });
		aws.take();

		await send({ type: "signal", to: target });

		expect(count()).toEqual({ POST: 1 });
	});

	it("metrics take no call, and write one line for the first event and none for the signals of its minute", async () => {
		process.env.METRICS = "sampled";
		const instance = await aws.anInstance();
		process.env.METRICS = "off";
		const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
		onTestFinished(() => write.mockRestore());

		await send({ type: "join", room, peerId: aHexId() }, instance);
		aws.take();
		await send({ type: "signal", to: target }, instance);
		aws.take();
		for (let n = 0; n < 20; n++) await send({ type: "signal", to: target }, instance);

		expect(count()).toEqual({ POST: 20 });
		const lines = write.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('"traffic"'));
		expect(lines).toHaveLength(1);
		expect(emfFaults(lines[0] as string, Date.now())).toEqual([]);
		expect(JSON.parse(lines[0] as string)).toMatchObject({
			ColdStarts: 1,
			Joins: 1,
			Notices: 8,
			Callback_ok: 9,
			Store_ok: 1 + 8, // one while it started
		});
	});

	it("a cold signal takes a read for the sender and a read for the target", async () => {
		await join();

		await send({ type: "signal", to: target }, await aws.anInstance());

		expect(count()).toEqual({ GetItem: 2, POST: 1 });
	});

	it("a start takes one read, which makes the connection", async () => {
		const before = aws.atStart.length;
		await aws.anInstance();

		expect(aws.atStart.slice(before).map(({ operation }) => operation)).toEqual(["GetItem"]);
	});

	it("a signal to nobody takes two reads and the answer", async () => {
		await join();

		await send({ type: "signal", to: "nobody" });

		expect(count()).toEqual({ GetItem: 2, POST: 1 });
	});

	it("fifty signals take one write to count them, and each its post", async () => {
		await join();
		await send({ type: "signal", to: target });
		aws.take();

		// The join has counted for twenty.
		for (let n = 0; n < 28; n++) await send({ type: "signal", to: target });
		expect(count()).toEqual({ POST: 28 });

		await send({ type: "signal", to: target });
		expect(count()).toEqual({ UpdateItem: 1, POST: 1 });
	});

	it("find_peers takes the queries of a join and one post", async () => {
		await join();

		await send({ type: "find_peers" });

		expect(count()).toEqual({ Query: 5, POST: 1 });
	});

	it("a leave takes four calls of the store and eight notices, and its $disconnect two reads", async () => {
		await join();

		await send({ type: "leave" });
		expect(count()).toEqual({ Query: 2, DeleteItem: 1, UpdateItem: 1, POST: 8, DELETE: 1 });

		await disconnect();
		expect(count()).toEqual({ GetItem: 2 });
	});

	it("a $disconnect without leave takes five calls of the store and eight notices", async () => {
		await join();

		await disconnect();

		expect(count()).toEqual({ GetItem: 1, Query: 2, DeleteItem: 2, POST: 8 });
	});

	it.each(types)("%s takes as many calls of the store as its row in the table says", async (type) => {
		const isJoin = type === "join";
		if (!isJoin) await join();

		await send({ type, room, peerId: aHexId(), to: target }, await aws.anInstance());

		const calls = aws.take().filter(({ operation }) => operation !== "POST" && operation !== "DELETE");
		expect(calls).toHaveLength(FRAME_TYPES[type].storeCalls);
		// A query that reads the whole room is one call too. The windows of the searches are two units at most.
		for (const call of calls) expect(call.readUnits, call.operation).toBeLessThanOrEqual(2);
	});

	it("the twentieth connect of an address takes one write, and its twentieth join one more, whatever the connections", async () => {
		const identity = { sourceIp: "198.51.100.7" };
		const arrive = async () => {
			const context = { connectionId: `${randomBytes(8).toString("hex")}=`, connectedAt: Date.now(), identity };
			await warm(aConnectEvent({ requestContext: context }));
			await warm(aMessageEvent(JSON.stringify({ type: "join", room, peerId: aHexId() }), { requestContext: context }));
			return count();
		};

		for (let n = 1; n < 20; n++) expect(await arrive()).toEqual({ PutItem: 2, Query: 5, UpdateItem: 1, POST: 9 });
		expect(await arrive()).toEqual({ PutItem: 2, Query: 5, UpdateItem: 3, POST: 9 });
	});

	it("an operation takes as many units of the room's partition as docs/operations.md computes with", async () => {
		const units = () => {
			const ofRoom = aws.take().filter((call) => call.partition === `room#${room}`);
			const sum = (kind: "readUnits" | "writeUnits") => ofRoom.reduce((total, call) => total + call[kind], 0);
			return { reads: sum("readUnits"), writes: sum("writeUnits") };
		};
		const peerId = aHexId();

		await send({ type: "join", room, peerId });
		const calls = aws.take();
		const { resumeKey } = JSON.parse(calls.find((call) => call.operation === "POST")?.frame ?? "");
		await send({ type: "signal", to: target }, await aws.anInstance());
		expect(units()).toEqual(ROOM_UNITS.lookUp);
		connectionId = `${randomBytes(8).toString("hex")}=`;
		await send({ type: "join", room, peerId, resumeKey });
		expect(units()).toEqual(ROOM_UNITS.resume);
		await disconnect();
		expect(units()).toEqual(ROOM_UNITS.departure);
		connectionId = `${randomBytes(8).toString("hex")}=`;
		await send({ type: "join", room, peerId: aHexId() });
		expect(units()).toEqual(ROOM_UNITS.join);
	});

	it("an operation takes as many messages and units as the bill of the command line computes with", async () => {
		const unitsOf = (messagesIn = 1) => {
			const calls = aws.take();
			const sum = (kind: "readUnits" | "writeUnits") => calls.reduce((total, call) => total + call[kind], 0);
			const posts = calls.filter(({ operation }) => operation === "POST").length;
			return { messages: messagesIn + posts, readUnits: sum("readUnits"), writeUnits: sum("writeUnits") };
		};
		const counted = (operation: keyof typeof operations) => {
			const { messages, readUnits, writeUnits } = operations[operation];
			return { messages, readUnits, writeUnits };
		};

		await send({ type: "join", room, peerId: aHexId() });
		expect(unitsOf()).toEqual(counted("join"));
		await send({ type: "signal", to: target });
		await send({ type: "signal", to: target });
		aws.take();
		await send({ type: "signal", to: target });
		expect(unitsOf()).toEqual(counted("signal, warm"));
		await send({ type: "leave" });
		expect(unitsOf()).toEqual(counted("leave"));
		await disconnect();
		expect(unitsOf()).toEqual(counted("disconnect after leave"));

		const peerId = aHexId();
		connectionId = `${randomBytes(8).toString("hex")}=`;
		await send({ type: "join", room, peerId });
		const { resumeKey } = JSON.parse(aws.take().find((call) => call.operation === "POST")?.frame ?? "");
		const older = connectionId;
		connectionId = `${randomBytes(8).toString("hex")}=`;
		await send({ type: "join", room, peerId, resumeKey });
		expect(unitsOf()).toEqual(counted("join that resumes"));
		connectionId = older;
		await disconnect();
		expect(unitsOf()).toEqual(counted("disconnect after a resume"));
	});

	it("bad input takes the answer and nothing else", async () => {
		await send({ type: "nonsense" });

		expect(count()).toEqual({ POST: 1 });
	});
});
