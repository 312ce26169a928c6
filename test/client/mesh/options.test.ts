import wrtc from "@roamhq/wrtc";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import WebSocket from "ws";
import { createMesh, MeshError, type MeshOptions } from "../../../client/index.ts";
import { readOptions } from "../../../client/options.ts";

const given = { webrtc: wrtc, WebSocket, signalingServerUrl: "ws://localhost:8080" };

const faultsOf = async (options: unknown): Promise<string> => {
	const error = await createMesh(options as MeshOptions).then(
		() => undefined,
		(error) => error,
	);
	expect(error).toBeInstanceOf(MeshError);
	expect(error.code).toBe("BAD_OPTIONS");
	return error.message;
};

describe("the options of a mesh", () => {
	it("need no more than the URL of the server", async () => {
		const { peerId, room, maxPeers, url } = await readOptions(given);
		expect(peerId).toMatch(/^[0-9a-f]{40}$/);
		expect({ room, maxPeers, url }).toEqual({ room: "default", maxPeers: 8, url: "ws://localhost:8080/" });
	});

	it("may name the server among those of the transport, as p2pmesh does", async () => {
		const { signalingServerUrl, ...others } = given;
		expect((await readOptions({ ...others, transportOptions: { signalingServerUrl } })).url).toBe(
			"ws://localhost:8080/",
		);
		const url = "wss://abc.execute-api.us-east-1.amazonaws.com";
		expect((await readOptions({ ...others, transportName: "aws-websocket", transportOptions: { url } })).url).toBe(
			`${url}/prod`,
		);
	});

	it("give each mesh an id of its own", async () => {
		const [a, b] = [await createMesh(given), await createMesh(given)];
		expect(a.peerId).not.toBe(b.peerId);
		expect([a.state, a.peers, a.links()]).toEqual(["new", [], []]);
	});

	it.each([
		["peerId", ""],
		["peerId", "x".repeat(129)],
		["peerId", "a\nb"],
		["peerId", 7],
		["room", ""],
		["maxPeers", 0],
		["maxPeers", 1.5],
		["maxPeers", "8"],
		["transportName", "carrier-pigeon"],
		["iceServers", "stun:x"],
	])("are refused if %s is %j", async (name, value) => {
		expect(await faultsOf({ ...given, [name]: value })).toContain(`${name} must be`);
	});

	it.each([
		{ iceServers: [{ urls: "carrier-pigeon:x" }] },
		{ rtcConfig: { iceServers: [{ urls: "carrier-pigeon:x" }] } },
		{ rtcConfig: { iceTransportPolicy: "sometimes" } },
	])("are refused if RTCPeerConnection refuses them: %j", async (options) => {
		expect(await faultsOf({ ...given, ...options })).toContain("RTCPeerConnection refuses");
	});

	it("may hold ICE servers in rtcConfig", async () => {
		const iceServers = [{ urls: "stun:stun.test" }];
		await createMesh({ ...given, rtcConfig: { iceServers, iceTransportPolicy: "relay" } });
		expect((await readOptions({ ...given, rtcConfig: { iceServers } })).iceServers).toEqual(iceServers);
	});

	it("are refused if the token is to go with neither", async () => {
		expect(await faultsOf({ ...given, transportOptions: { tokenAt: "leisure" } })).toContain("join or connect");
	});

	it("are refused if the heartbeat would be a flood", async () => {
		expect(await faultsOf({ ...given, transportOptions: { heartbeatInterval: 10 } })).toContain("heartbeatInterval");
		expect(await faultsOf({ ...given, transportOptions: { heartbeatInterval: Number.NaN } })).toContain(
			"heartbeatInterval",
		);
	});

	it.each([
		["the options", null],
		["the options", 7],
		["transportOptions", { ...given, transportOptions: null }],
		["signal", { ...given, signal: {} }],
		["signal", { ...given, signal: null }],
		["token", { ...given, token: 7 }],
		["WebSocket", { ...given, WebSocket: {} }],
		["webrtc", { ...given, webrtc: { RTCPeerConnection: {} } }],
		["url", { transportOptions: { url: 7 }, webrtc: given.webrtc, WebSocket: given.WebSocket }],
		["room", { ...given, room: { toString: null } }],
	])("are refused, and never a TypeError, if %s cannot be read", async (name, options) => {
		expect((await faultsOf(options)).toLowerCase()).toContain(name.toLowerCase());
	});

	it("report all that is wrong at once", async () => {
		vi.stubGlobal("WebSocket", undefined);
		vi.stubGlobal("RTCPeerConnection", undefined);
		onTestFinished(() => void vi.unstubAllGlobals());
		const faults = await faultsOf({ room: "", maxPeers: -1 });
		for (const fault of ["`ws`", "webrtc", "signalingServerUrl", "room", "maxPeers"]) expect(faults).toContain(fault);
	});
});
