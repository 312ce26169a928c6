/**
 * Access, over real sockets: for every way of running a server that verifies tokens of a shared secret, and admits pages of
 * https://app.example.com and clients without an origin.
 */
import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { aHexId, aRoom, connect, refusedStatus, type TestClient } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { aSecret, aToken, inSeconds } from "../support/tokens.ts";

export interface AuthorizationTarget {
	/** Where to connect, once it is up. */
	readonly url: () => string;
	/** The secret in force. */
	readonly secret: () => string;
	/** Replaces the stored secrets: one, or two. */
	readonly store: (secrets: readonly string[]) => Promise<void>;
	/**
	 * Known differences between this target and API Gateway. Each is a fact about the target, not about the server.
	 * - `no-subprotocol`: the subprotocol that the function chose is not passed on to the client
	 * - `always-403`: a connection that is refused gets 403, and not the status that the function chose
	 */
	readonly differs?: readonly ("no-subprotocol" | "always-403")[];
}

interface Scene {
	readonly room: string;
	readonly bob: TestClient;
	readonly client: TestClient;
	readonly peerId: string;
	readonly resumeKey: unknown;
}

/** How long after its end a token is still valid, in seconds. */
const SKEW = 30;

export function authorizationContract(name: string, { url, secret, store, differs = [] }: AuthorizationTarget): void {
	describe(`authorization on ${name}`, () => {
		const withToken = (token: string) => `${url()}?token=${token}`;
		const mint = (claims = {}) => aToken(secret(), claims);
		const unauthorized = differs.includes("always-403") ? 403 : 401;
		const welcome = { type: "bootstrap_peers" };
		const refusal = (code: string) => ({ type: "error", code, retryable: false, requestType: "join" });

		describe("a token", () => {
			it("is taken in the URL", async () => {
				const client = await connect(withToken(await mint()));

				expect(await client.join("alice", { room: aRoom() })).toMatchObject(welcome);
			});

			it("is taken in the join", async () => {
				const client = await connect(url());

				expect(await client.join("alice", { room: aRoom(), token: await mint() })).toMatchObject(welcome);
			});

			it.skipIf(differs.includes("no-subprotocol"))("is taken as a subprotocol, and not sent back", async () => {
				const client = await connect(url(), { subprotocols: ["p2pmesh", `token.${await mint()}`] });

				expect(client.subprotocol).toBe("p2pmesh");
				expect(await client.join("alice", { room: aRoom() })).toMatchObject(welcome);
			});

			it.skipIf(differs.includes("no-subprotocol"))(
				"is taken as a subprotocol beside an empty one in the URL",
				async () => {
					const client = await connect(withToken(""), { subprotocols: [`token.${await mint()}`] });

					expect(await client.join("alice", { room: aRoom() })).toMatchObject(welcome);
				},
			);

			it("is asked for by a join without one, which may be repeated with one", async () => {
				const client = await connect(url());
				const room = aRoom();

				expect(await client.join("alice", { room })).toMatchObject(refusal("UNAUTHORIZED"));
				expect(await client.join("alice", { room, token: await mint() })).toMatchObject(welcome);
			});

			it("that is wrong is refused where it comes", async () => {
				const forged = await aToken(aSecret());
				expect(await refusedStatus(withToken(forged))).toBe(unauthorized);
				expect(await refusedStatus(url(), { subprotocols: [`token.${forged}`] })).toBe(unauthorized);
				expect(await refusedStatus(withToken(""))).toBe(unauthorized);

				const client = await connect(url());
				expect(await client.join("alice", { room: aRoom(), token: forged })).toMatchObject(refusal("UNAUTHORIZED"));
			});

			it("that has expired is refused where it comes", async () => {
				const expired = await mint({ exp: inSeconds(-SKEW - 1) });
				expect(await refusedStatus(withToken(expired))).toBe(unauthorized);

				const client = await connect(url());
				expect(await client.join("alice", { room: aRoom(), token: expired })).toMatchObject({
					...refusal("UNAUTHORIZED"),
					message: "The token has expired.",
				});
			});
		});

		describe("what a token allows", () => {
			it("is to join as its subject and as nobody else", async () => {
				const client = await connect(withToken(await mint({ sub: "alice" })));
				const room = aRoom();

				expect(await client.join("bob", { room })).toMatchObject(refusal("FORBIDDEN"));
				expect(await client.join("alice", { room })).toMatchObject(welcome);
			});

			it("is to join the rooms that it names, also by their beginning, and no others", async () => {
				const team = `team-${randomBytes(4).toString("hex")}`;
				const token = await mint({ rooms: [`${team}-lobby`, `${team}-games-*`] });
				const join = async (room: string) => (await connect(withToken(token))).join(aHexId(), { room });

				expect(await join(`${team}-lobby`)).toMatchObject(welcome);
				expect(await join(`${team}-games-42`)).toMatchObject(welcome);
				expect(await join(`${team}-lobby-2`)).toMatchObject(refusal("FORBIDDEN"));
				expect(await join(`${team}-game`)).toMatchObject(refusal("FORBIDDEN"));
			});
		});

		describe("the end of a token", () => {
			/**
			 * Bob, and a peer with a token that ends soon, both joined. Does something before that end; if this machine was too slow
			 * for that, does it again with a token that lasts twice as long. Resolves after the end.
			 *
			 * The end has to be waited for: a server may run in another process, or in AWS, and its clock cannot be moved.
			 */
			const beforeTheEnd = async <T>(act: (scene: Scene) => Promise<T>): Promise<Scene & { result: T }> => {
				for (let seconds = 2; ; seconds *= 2) {
					const room = aRoom();
					const bob = await connect(url());
					await bob.join("bob", { room, token: await mint() });
					const client = await connect(url());
					const peerId = aHexId();
					const exp = inSeconds(seconds - SKEW);
					const over = (exp + SKEW) * 1000;
					try {
						const answer = await client.join(peerId, { room, token: await mint({ exp }) });
						expect(answer).toMatchObject(welcome);
						const scene = { room, bob, client, peerId, resumeKey: answer.resumeKey };
						await bob.nextOf("peer_joined");
						const result = await act(scene);
						if (Date.now() >= over) continue;
						await new Promise((resolve) => setTimeout(resolve, over - Date.now() + 50));
						return { ...scene, result };
					} catch (error) {
						if (Date.now() < over) throw error;
					}
				}
			};

			it("is the end of its session: nothing more is relayed to it or from it", async () => {
				const { room, bob, client, peerId, result } = await beforeTheEnd(async (scene) => {
					scene.client.send({ type: "signal", to: "bob", n: 1 });
					const ended = scene.client.closed().then(() => Promise.reject(new Error("Its session ended first.")));
					return Promise.race([scene.bob.next(), ended]);
				});
				expect(result).toMatchObject({ from: peerId, n: 1 });

				bob.send({ type: "signal", to: peerId });
				expect(await bob.next()).toMatchObject({ code: "PEER_NOT_FOUND", to: peerId });
				client.send({ type: "signal", to: "bob", id: "late" });

				expect(await client.nextOf("error")).toMatchObject({ code: "UNAUTHORIZED", id: "late" });
				expect(await client.closed()).toBe(1000);
				expect(await bob.next()).toEqual({ type: "peer_left", peerId, room, at: expect.any(Number) });
				expect(await bob.unread()).toEqual([]);
			});

			it("is put off by a new token on a new connection, before it comes", async () => {
				const { bob, peerId, result } = await beforeTheEnd(async ({ room, peerId, resumeKey }) => {
					const client = await connect(withToken(await mint()));
					return { client, answer: await client.join(peerId, { room, resumeKey }) };
				});
				expect(result.answer).toMatchObject(welcome);

				result.client.send({ type: "signal", to: "bob", n: 2 });

				expect(await bob.next()).toMatchObject({ type: "signal", from: peerId, n: 2 });
				expect(await bob.unread()).toEqual([]);
			});
		});

		describe("an origin", () => {
			it("that is not allowed is refused, whatever token comes with it", async () => {
				expect(await refusedStatus(withToken(await mint()), { origin: "https://elsewhere.example.com" })).toBe(403);
			});

			it("that is allowed is let in, and so is a client without one", async () => {
				const page = await connect(withToken(await mint()), { origin: "https://app.example.com" });
				const program = await connect(withToken(await mint()));

				expect(await page.join("page", { room: aRoom() })).toMatchObject(welcome);
				expect(await program.join("program", { room: aRoom() })).toMatchObject(welcome);
			});
		});

		// The last one, because it changes the secret of all others.
		it("takes the tokens of both secrets while they are changed", async () => {
			const [older, newer] = [secret(), aSecret()];
			const joinWith = async (token: string) => (await connect(url())).join(aHexId(), { room: aRoom(), token });
			await store([newer, older]);

			// An instance reads again when a signature does not fit, but not within seconds of the last time.
			await eventually(async () => (await joinWith(await aToken(newer))).type === "bootstrap_peers", 500);
			expect(await joinWith(await aToken(older))).toMatchObject(welcome);
		});
	});
}
