import { describe, expect, it } from "vitest";
import { originAllowed, readGrant, refuseJoin } from "../../lambda/core/access.ts";
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
	const exp = 1_000;
	const until = 1_030; // a clock may be half a minute off

	it("binds the subject and the rooms that a token names", () => {
		expect(readGrant({ sub: "alice", rooms: ["lobby", "team-*"], exp }, tokens)).toEqual({
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
		expect(readGrant({ ...claims, exp }, tokens)).toBe(`The token has no claim ${name}.`);
	});

	it("binds nothing that a token does not name, if the deployment wants it so", () => {
		expect(readGrant({ exp }, { ...tokens, authClaimsRequired: false })).toEqual({ until });
	});

	it("has an end that can be written down, whatever the token says", () => {
		expect(readGrant({ exp: Number.POSITIVE_INFINITY }, { ...tokens, authClaimsRequired: false })).toEqual({
			until: Number.MAX_SAFE_INTEGER,
		});
	});

	it("goes by the claims that the deployment chose", () => {
		const claims = { sub: "user 7", peer: "alice", rooms: ["lobby"], "https://app.test/rooms": "team", exp };

		expect(readGrant(claims, { ...tokens, authPeerIdClaim: "peer", authRoomsClaim: "https://app.test/rooms" })).toEqual(
			{
				peerId: "alice",
				rooms: ["team"],
				until,
			},
		);
		expect(readGrant(claims, { ...tokens, authPeerIdClaim: "", authRoomsClaim: "" })).toEqual({ until });
	});

	it.each([
		[{ sub: 7 }, "sub"],
		[{ sub: "" }, "sub"],
		[{ sub: "a".repeat(129) }, "sub"],
		[{ rooms: { lobby: true } }, "rooms"],
		[{ rooms: ["lobby", 1] }, "rooms"],
		[{ rooms: null }, "rooms"],
	])("refuses %j, which it cannot enforce", (claims, name) => {
		expect(readGrant({ ...claims, exp }, { ...tokens, authClaimsRequired: false })).toContain(`claim ${name} is not`);
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
