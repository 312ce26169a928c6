import { describe, expect, it } from "vitest";
import { originAllowed, readGrant, refuseJoin } from "../../lambda/core/access.ts";
import { MAX_SUBJECT_LENGTH } from "../../lambda/core/limits.ts";
import { someSettings } from "../support/defaults.ts";

describe("originAllowed", () => {
	const allowedOrigins = ["https://app.example.com", "https://*.example.org"];
	const settings = someSettings({ allowedOrigins });

	it.each(["https://app.example.com", "HTTPS://APP.EXAMPLE.COM", "https://a.example.org", "https://a.b.example.org"])(
		"lets %s in",
		(origin) => {
			expect(originAllowed(origin, settings)).toBe(true);
		},
	);

	it.each([
		"",
		"null",
		"http://app.example.com",
		"https://evil.test/.example.org",
		"https://app.example.com:8443",
		"https://app.example.com.evil.test",
		"https://example.org",
		"https://.example.org",
		"https://evilexample.org",
		"http://a.example.org",
		"https://a.example.org.evil.test",
	])("keeps %s out", (origin) => {
		expect(originAllowed(origin, settings)).toBe(false);
	});

	it("lets every origin in by *", () => {
		expect(originAllowed("https://anything.test", someSettings({ allowedOrigins: ["*"] }))).toBe(true);
	});

	it("lets a client without an origin in only where that is allowed", () => {
		expect(originAllowed(undefined, someSettings({ allowedOrigins, allowMissingOrigin: true }))).toBe(true);
		expect(originAllowed(undefined, someSettings({ allowMissingOrigin: false }))).toBe(false);
	});
});

describe("readGrant", () => {
	const tokens = someSettings();
	const now = 400;
	const exp = 1_000;
	const until = 1_030; // a clock may be half a minute off

	it("binds the subject and the rooms that a token names", () => {
		expect(readGrant({ sub: "alice", rooms: ["lobby", "team-*"], exp }, tokens, now)).toEqual({
			peerId: "alice",
			rooms: ["lobby", "team-*"],
			until,
		});
	});

	it.each([
		[{}, "sub"],
		[{ sub: "alice" }, "rooms"],
		[{ rooms: ["lobby"] }, "sub"],
	])("refuses the claims %j, in which a named claim is missing", (claims, name) => {
		expect(readGrant({ ...claims, exp }, tokens, now)).toBe(`The token has no claim ${name}.`);
	});

	it("binds nothing that a token does not name, if the deployment wants it so", () => {
		expect(readGrant({ exp }, { ...tokens, authClaimsRequired: false }, now)).toEqual({ until });
	});

	it("has an end that can be written down, whatever the token says", () => {
		expect(readGrant({ exp: Number.POSITIVE_INFINITY }, { ...tokens, authClaimsRequired: false }, now)).toEqual({
			until: Number.MAX_SAFE_INTEGER,
		});
	});

	it("goes by the claims that the deployment chose", () => {
		const claims = { sub: "user 7", peer: "alice", rooms: ["lobby"], "https://app.test/rooms": "team", exp };

		expect(
			readGrant(claims, { ...tokens, authPeerIdClaim: "peer", authRoomsClaim: "https://app.test/rooms" }, now),
		).toEqual({
			peerId: "alice",
			subject: "user 7",
			rooms: ["team"],
			until,
		});
		expect(readGrant(claims, { ...tokens, authPeerIdClaim: "", authRoomsClaim: "" }, now)).toEqual({
			subject: "user 7",
			until,
		});
	});

	it("names the subject only if that is not the peer id, and no more of it than an issuer should use", () => {
		const byPeer = { ...tokens, authPeerIdClaim: "peer", authRoomsClaim: "" };

		expect(readGrant({ sub: "alice", peer: "alice", exp }, byPeer, now)).toEqual({ peerId: "alice", until });
		for (const sub of [undefined, "", 7]) {
			expect(readGrant({ sub, peer: "alice", exp }, byPeer, now)).toEqual({ peerId: "alice", until });
		}
		expect(readGrant({ sub: "s".repeat(300), peer: "alice", exp }, byPeer, now)).toMatchObject({
			subject: "s".repeat(MAX_SUBJECT_LENGTH),
		});
	});

	it("refuses a token that is good for longer than the deployment allows, give or take a clock", () => {
		const claims = { sub: "alice", rooms: ["lobby"], exp };
		const allowing = (authMaxTokenSeconds: number) => readGrant(claims, { ...tokens, authMaxTokenSeconds }, now);

		expect(allowing(0)).toMatchObject({ until });
		expect(allowing(570)).toMatchObject({ until }); // 600 s are left, and a clock may be half a minute off
		expect(allowing(569)).toBe("The token is good for too long: at most 569 s are allowed.");
		expect(readGrant({ ...claims, exp: 1 / 0 }, { ...tokens, authMaxTokenSeconds: 31_536_000 }, now)).toContain(
			"too long",
		);
	});

	it.each([
		[{ sub: 7 }, "sub"],
		[{ sub: "" }, "sub"],
		[{ sub: "a".repeat(129) }, "sub"],
		[{ rooms: { lobby: true } }, "rooms"],
		[{ rooms: ["lobby", 1] }, "rooms"],
		[{ rooms: null }, "rooms"],
	])("refuses %j, which it cannot enforce", (claims, name) => {
		expect(readGrant({ ...claims, exp }, { ...tokens, authClaimsRequired: false }, now)).toContain(
			`claim ${name} is not`,
		);
	});
});

describe("refuseJoin", () => {
	const until = 1_000;

	it("allows everything to a grant that binds nothing", () => {
		expect(refuseJoin({ until }, { peerId: "alice", room: "lobby" })).toBeUndefined();
	});

	it.each([
		["lobby", true],
		["team-", true],
		["team-a", true],
		["team", false],
		["a team-a", false],
		["lobby2", false],
		["Lobby", false],
		["*", false],
		["team-*", true],
	])("to rooms lobby and team-*: %s is allowed: %s", (room, allowed) => {
		const refusal = refuseJoin({ rooms: ["lobby", "team-*"], until }, { peerId: "alice", room });

		expect(refusal?.code).toBe(allowed ? undefined : "FORBIDDEN");
	});

	it("allows no room to a grant whose list is empty, and any to *", () => {
		expect(refuseJoin({ rooms: [], until }, { peerId: "alice", room: "lobby" })).toMatchObject({ code: "FORBIDDEN" });
		expect(refuseJoin({ rooms: ["*"], until }, { peerId: "alice", room: "lobby" })).toBeUndefined();
	});
});
