/** Sessions against the server that `npm start` runs, while its gateway misbehaves. */
import { describe, expect, it, type TestContext } from "vitest";
import WebSocket from "ws";
import { defaultEnvironment } from "../../../client/default-environment.ts";
import type { Environment } from "../../../client/environment.ts";
import { HEARTBEAT_INTERVAL_MS } from "../../../client/limits.ts";
import { createSession, type Session, type SessionOptions } from "../../../client/signaling/index.ts";
import { CLOCK_SKEW_MS } from "../../../lambda/core/limits.ts";
import { createHandler } from "../../../lambda/handler.ts";
import type { GatewayFaults } from "../../../local/faults.ts";
import { startGateway } from "../../../local/gateway.ts";
import { aRoom } from "../../support/client.ts";
import { someDependencies, someLog } from "../../support/defaults.ts";
import { eventually } from "../../support/eventually.ts";
import { type ServerOptions, startServer } from "../../support/faulty-server.ts";
import { type Heard, listenTo } from "../support/a-session.ts";
import { seededRandom } from "../support/seeded-random.ts";

interface Peer {
	readonly session: Session;
	readonly heard: Heard;
	/** The frames of this peer, in the order of their numbers. */
	from(peerId: string): number[];
}

/** The tests run at the same time, because they wait most of it. So each ends its own servers and peers. */
type Cleanup = TestContext["onTestFinished"];

async function aServer(onTestFinished: Cleanup, options: ServerOptions) {
	const gateway = await startServer(options);
	onTestFinished(() => gateway.close());
	return gateway;
}

function aPeer(
	onTestFinished: Cleanup,
	url: string,
	options: Omit<SessionOptions, "url" | "heartbeatInterval"> & Partial<SessionOptions>,
	changes: Partial<Environment> = {},
): Peer {
	const environment: Environment = {
		...defaultEnvironment({ WebSocket, RTCPeerConnection: class {} }),
		random: seededRandom(7),
		...changes,
	};

	const session = createSession({ url, heartbeatInterval: HEARTBEAT_INTERVAL_MS, ...options }, environment);
	const heard = listenTo(session);
	onTestFinished(() => session.leave());
	return {
		session,
		heard,
		from: (peerId) =>
			heard.frames
				.filter(({ from }) => from === peerId)
				.map(({ frame }) => (frame as { signal: { n: number } }).signal.n)
				.sort((a, b) => a - b),
	};
}

const signal = (n: number) => ({ type: "signal", signal: { type: "offer", n } }) as const;
const upTo = (count: number) => Array.from({ length: count }, (_, n) => n);
const idsOf = ({ heard }: Peer) => heard.welcomes[0]?.welcome.peers.map(({ id }) => id) ?? [];

describe.concurrent.each<[string, GatewayFaults, number]>([
	["frames that overtake each other, on three instances", { frameDelayMs: 30 }, 3],
	["a late 410", { goneDelayMs: 200 }, 1],
	["a function that freezes", { freezes: true }, 1],
	[
		"all of that, and late $disconnects, twice",
		{ frameDelayMs: 30, goneDelayMs: 200, freezes: true, disconnects: 2, disconnectDelayMs: 100 },
		1,
	],
])("under %s", (_faults, faults, instances) => {
	it("peers meet, every frame arrives once, and a departure is told of", async ({ onTestFinished }) => {
		const { url } = await aServer(onTestFinished, { faults, instances });
		const room = aRoom();
		const [alice, bob] = [
			aPeer(onTestFinished, url, { peerId: "alice", room }),
			aPeer(onTestFinished, url, { peerId: "bob", room }),
		];

		await Promise.all([alice.session.join(), bob.session.join()]);
		await eventually(() => idsOf(alice).includes("bob") || alice.heard.joined.includes("bob"));
		await eventually(() => idsOf(bob).includes("alice") || bob.heard.joined.includes("alice"));
		for (const n of upTo(20)) {
			alice.session.send("bob", signal(n));
			bob.session.send("alice", signal(n));
		}
		await eventually(() => alice.from("bob").length >= 20 && bob.from("alice").length >= 20);
		expect(alice.from("bob")).toEqual(upTo(20));
		expect(bob.from("alice")).toEqual(upTo(20));
		expect((await alice.session.findPeers()).map(({ id }) => id)).toEqual(["bob"]);
		expect(await alice.session.findPeers({ target: "ff", count: 3 })).toHaveLength(1);

		alice.session.send("carol", signal(0));
		await eventually(() => alice.heard.undelivered.length > 0);
		expect(alice.heard.undelivered).toEqual([{ to: "carol", code: "PEER_NOT_FOUND" }]);
		await bob.session.leave();
		await eventually(() => alice.heard.left.includes("bob"));
		expect(alice.heard.errors).toEqual([]);
	});

	it("a session rolls over, and no other peer notices", async ({ onTestFinished }) => {
		// The server asks for a new connection after three quarters of this; the gateway ends none.
		const maxConnectionAgeMs = 1_000;
		const { url } = await aServer(onTestFinished, { faults, instances, settings: { maxConnectionAgeMs } });
		const room = aRoom();
		const [alice, bob] = [
			aPeer(onTestFinished, url, { peerId: "alice", room }),
			aPeer(onTestFinished, url, { peerId: "bob", room }),
		];
		await alice.session.join();
		await bob.session.join();

		// One sends all the time, and so has to pause before each of its joins; the other asks.
		let sent = 0;
		const sending = setInterval(() => bob.session.send("alice", signal(sent++)), 20);
		onTestFinished(() => clearInterval(sending));
		await eventually(() => alice.heard.welcomes.length >= 3 && bob.heard.welcomes.length >= 2);
		clearInterval(sending);
		await eventually(() => alice.from("bob").length >= sent);

		expect(alice.from("bob")).toEqual(upTo(sent));
		for (const { heard } of [alice, bob]) {
			expect(heard.welcomes.slice(1).every(({ resumed }) => resumed)).toBe(true);
			expect(heard.left).toEqual([]);
			expect(heard.states).toEqual(["joining", "joined"]);
			expect(heard.undelivered).toEqual([]);
		}
		expect((await alice.session.findPeers()).map(({ id }) => id)).toEqual(["bob"]);
	});
});

describe.concurrent("a session", () => {
	it("comes back after the gateway has ended its connection", async ({ onTestFinished }) => {
		const { url } = await aServer(onTestFinished, { maxConnectionAgeMs: 500 });
		const room = aRoom();
		const alice = aPeer(onTestFinished, url, { peerId: "alice", room });
		await alice.session.join();

		await eventually(() => alice.heard.welcomes.length >= 3);

		expect(alice.heard.states.slice(0, 6)).toEqual([
			"joining",
			"joined",
			"reconnecting",
			"joined",
			"reconnecting",
			"joined",
		]);
		expect(alice.heard.errors[0]).toMatchObject({ code: "CLOSED", retryable: true });
	});

	it("is kept by its pings if the gateway ends silent connections", async ({ onTestFinished }) => {
		const { url } = await aServer(onTestFinished, { maxIdleMs: 4_000 });
		const alice = aPeer(onTestFinished, url, { peerId: "alice", room: aRoom(), heartbeatInterval: 400 });
		await alice.session.join();

		const pongs = () => alice.heard.traffic.filter(({ frame }) => (frame as { type: string }).type === "pong");
		await eventually(() => pongs().length >= 12);

		expect(alice.heard.states).toEqual(["joining", "joined"]);
	});

	it("rejoins a server that was restarted, and sends what was waiting", async ({ onTestFinished }) => {
		const first = await aServer(onTestFinished, {});
		const room = aRoom();
		const peers = ["alice", "bob", "carol"].map((peerId) => aPeer(onTestFinished, first.url, { peerId, room }));
		const [alice] = peers as [Peer];
		for (const { session } of peers) await session.join();

		await first.close();
		await eventually(() => peers.every(({ session }) => session.state === "reconnecting"));
		alice.session.send("alice", signal(0));
		await aServer(onTestFinished, { port: first.port });
		await eventually(() => peers.every(({ session }) => session.state === "joined"));

		expect((await alice.session.findPeers()).map(({ id }) => id).sort()).toEqual(["bob", "carol"]);
		await eventually(() => alice.from("alice").length > 0);
	});

	it("gets its own id back if the welcome was lost and the server takes the id for taken", async ({
		onTestFinished,
	}) => {
		// The server learns late that a connection has ended, and until then is told that it has not.
		const { url } = await aServer(onTestFinished, {
			settings: { duplicatePeerPolicy: "reject" },
			faults: { disconnectDelayMs: 1_500, goneDelayMs: 1_500 },
		});
		let sockets = 0;
		class LosesTheFirstWelcome extends WebSocket {
			constructor(address: string) {
				super(address);
				sockets++;
			}
			override emit(event: string | symbol, ...values: unknown[]): boolean {
				if (event !== "message" || sockets > 1) return super.emit(event, ...values);
				this.terminate();
				return true;
			}
		}
		const alice = aPeer(
			onTestFinished,
			url,
			{ peerId: "alice", room: aRoom() },
			{ WebSocket: LosesTheFirstWelcome as unknown as Environment["WebSocket"], random: () => 0.1 },
		);

		await alice.session.join();

		expect(alice.heard.errors.map(({ code }) => code)).toContain("PEER_ID_TAKEN");
		expect(alice.session.state).toBe("joined");
	});

	it("sends what is too much for the server more slowly, and all of it", async ({ onTestFinished }) => {
		const { url } = await aServer(onTestFinished, { settings: { clientRateLimit: 20, clientBurstLimit: 20 } });
		const room = aRoom();
		const [alice, bob] = [
			aPeer(onTestFinished, url, { peerId: "alice", room }),
			aPeer(onTestFinished, url, { peerId: "bob", room }),
		];
		await alice.session.join();
		await bob.session.join();

		for (const n of upTo(50)) alice.session.send("bob", signal(n));
		await eventually(() => bob.from("alice").length >= 50);

		expect(bob.from("alice")).toEqual(upTo(50));
		expect(alice.heard.undelivered).toEqual([]);
		expect(alice.heard.states).toEqual(["joining", "joined"]);
	});

	it("rolls over with a fresh token before the one that it has expires", async ({ onTestFinished }) => {
		const room = aRoom();
		const lifetime = 2; // seconds that a token is in force; the server adds what clocks may differ by
		const gateway = await startGateway({ log: someLog() }, ({ sender }) =>
			createHandler({
				...someDependencies(sender),
				tokens: {
					verify: async (token) => {
						const [sub, exp] = token.split(" ");
						return { ok: true, claims: { sub, rooms: [room], exp: Number(exp) } };
					},
				},
			}),
		);
		onTestFinished(() => gateway.close());
		const issued: string[] = [];
		const token = () => {
			issued.push(`alice ${Math.ceil(Date.now() / 1000) + lifetime - CLOCK_SKEW_MS / 1000}`);
			return issued.at(-1) as string;
		};
		const alice = aPeer(onTestFinished, gateway.url, { peerId: "alice", room, token });
		const bob = aPeer(onTestFinished, gateway.url, {
			peerId: "bob",
			room,
			token: () => `bob ${Math.ceil(Date.now() / 1000) + 3_600}`,
		});
		await alice.session.join();
		await bob.session.join();

		await eventually(() => alice.heard.welcomes.length >= 3);

		expect(issued.length).toBeGreaterThanOrEqual(3);
		expect(alice.heard.states).toEqual(["joining", "joined"]);
		expect(bob.heard.left).toEqual([]);
	});

	it("ends if another client takes its id", async ({ onTestFinished }) => {
		const { url } = await aServer(onTestFinished, {});
		const room = aRoom();
		const [older, newer] = [
			aPeer(onTestFinished, url, { peerId: "alice", room }),
			aPeer(onTestFinished, url, { peerId: "alice", room }),
		];
		await older.session.join();
		await newer.session.join();

		await eventually(() => older.session.state === "left");

		expect(older.heard.errors).toMatchObject([{ code: "PEER_ID_TAKEN" }]);
		expect(newer.session.state).toBe("joined");
	});

	it("is refused if another client has its id, and the server does not give it away", async ({ onTestFinished }) => {
		const { url } = await aServer(onTestFinished, { settings: { duplicatePeerPolicy: "reject" } });
		const room = aRoom();
		const [older, newer] = [
			aPeer(onTestFinished, url, { peerId: "alice", room }),
			aPeer(onTestFinished, url, { peerId: "alice", room }),
		];
		await older.session.join();

		await expect(newer.session.join()).rejects.toMatchObject({ code: "PEER_ID_TAKEN" });

		expect(newer.session.state).toBe("left");
		expect(older.session.state).toBe("joined");
	});
});
