import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { nodeCrypto } from "../../lambda/adapters/node-crypto.ts";
import { createIceServers } from "../../lambda/core/ice-servers.ts";
import type { Dependencies } from "../../lambda/core/ports.ts";
import { someSettings } from "../support/defaults.ts";
import { aClock } from "../support/records.ts";
import { aWorld } from "../support/world.ts";

const stunUrls = ["stun:stun.test:3478"];
const turnUrls = ["turn:turn.test:3478?transport=udp", "turns:turn.test:5349"];

const clock = aClock(1_000_500);

const iceServersWith = (settings: Parameters<typeof someSettings>[0], secrets: string[] = ["newer", "older"]) =>
	createIceServers({
		clock,
		crypto: nodeCrypto,
		settings: someSettings(settings),
		turnSecrets: { current: async () => secrets },
	} as unknown as Dependencies);

describe("the ICE servers of a welcome", () => {
	it("are none where the deployment names none", async () => {
		expect(await iceServersWith({})("alice", 1_600)).toBeUndefined();
	});

	it("are STUN servers without credentials", async () => {
		expect(await iceServersWith({ stunUrls })("alice", 1_600)).toEqual([{ urls: stunUrls }]);
	});

	it("are TURN servers with credentials as coturn reckons them, by the newer secret", async () => {
		const credential = createHmac("sha1", "newer").update("1600:alice").digest("base64");

		expect(await iceServersWith({ stunUrls, turnUrls })("alice", 1_600)).toEqual([
			{ urls: stunUrls },
			{ urls: turnUrls, username: "1600:alice", credential },
		]);
	});

	it.each([
		["an hour after the welcome", {}, 8_200, 4_601],
		["sooner, if the deployment wants it so", { turnCredentialSeconds: 60 }, 8_200, 1_061],
		["with the session, if that ends sooner", {}, 1_002, 1_002],
	])("have credentials that end %s", async (_, settings, until, end) => {
		const servers = await iceServersWith({ turnUrls, ...settings })("alice", until);

		expect(servers).toMatchObject([{ username: `${end}:alice` }]);
	});
});

describe("a welcome with TURN credentials", () => {
	const welcomeWith = async (settings: Parameters<typeof someSettings>[0]) => {
		const world = aWorld(settings);
		const alice = world.open();
		await world.send(alice, { type: "join", peerId: "alice" });
		return world.take(alice)[0] as { reconnectIn: number };
	};

	it("asks for a new connection before they end", async () => {
		expect(await welcomeWith({ turnUrls, turnCredentialSeconds: 3_600 })).toMatchObject({ reconnectIn: 55 * 60_000 });
		expect(await welcomeWith({ turnUrls, turnCredentialSeconds: 600 })).toMatchObject({ reconnectIn: 7.5 * 60_000 });
	});

	it("asks for it at the end of the connection without TURN servers", async () => {
		expect((await welcomeWith({})).reconnectIn).toBeGreaterThan(114 * 60_000);
	});
});
