import { describe, expect, it } from "vitest";
import { awsUrl, localUrl, newPeerId, readAwsUrl, readHash, writeHash } from "../../examples/browser/settings.js";

describe("the hash of a link", () => {
	it.each([
		{ deployment: "local", url: "", room: "default", maxPeers: 8 },
		{ deployment: "custom", url: "wss://example.com/?a=b&c=#d", room: "müde & #1", maxPeers: 3 },
		{ deployment: "aws", url: "wss://abc.execute-api.eu-west-1.amazonaws.com/prod", room: "default", maxPeers: 64 },
	] as const)("says what was set: $deployment", (settings) => {
		expect(readHash(writeHash(settings))).toEqual(settings);
	});

	it("is nothing where nothing was set", () => {
		expect(writeHash({ deployment: "local", url: "ws://localhost:8080", room: "default", maxPeers: 8 })).toBe("");
	});

	it("does not carry a token that stands in the URL", () => {
		const url = "wss://example.com/prod?token=secret&region=eu";

		const hash = writeHash({ deployment: "custom", url, room: "default", maxPeers: 8 });

		expect(readHash(hash).url).toBe("wss://example.com/prod?region=eu");
	});

	it.each(["#", "#max=-1&room=&deployment=elsewhere&url=ws://evil.example", "#max=1e99", "#max=x", "%%%=&&&"])(
		"%j says nothing",
		(hash) => {
			expect(readHash(hash)).toMatchObject({ deployment: "local", url: "", room: "default" });
		},
	);
});

describe("URLs of AWS", () => {
	it.each([
		["wss://abc123.execute-api.us-east-1.amazonaws.com/prod", "abc123", "us-east-1", "prod"],
		["wss://abc123.execute-api.us-east-1.amazonaws.com", "abc123", "us-east-1", "prod"],
		["  wss://abc123.execute-api.us-gov-west-1.amazonaws.com/dev/ ", "abc123", "us-gov-west-1", "dev"],
		["https://abc123.execute-api.cn-north-1.amazonaws.com.cn/staging", "abc123", "cn-north-1", "staging"],
	])("%s is taken apart", (url, apiId, region, stage) => {
		expect(readAwsUrl(url)).toEqual({ apiId, region, stage });
	});

	it.each([
		"wss://signal.example.com/prod",
		"ws://localhost:8080",
		"abc123",
		"wss://abc.execute-api.x.amazonaws.com.evil.example/",
	])("%s is none", (url) => {
		expect(readAwsUrl(url)).toBeUndefined();
	});

	it("are composed, in China with its own ending", () => {
		expect(awsUrl({ apiId: "abc", region: "eu-north-1", stage: "dev" })).toBe(
			"wss://abc.execute-api.eu-north-1.amazonaws.com/dev",
		);
		expect(awsUrl({ apiId: "abc", region: "cn-north-1", stage: "dev" })).toBe(
			"wss://abc.execute-api.cn-north-1.amazonaws.com.cn/dev",
		);
		expect(awsUrl({ apiId: "", region: "eu-north-1", stage: "dev" })).toBe("");
	});
});

describe("the local server", () => {
	it("is where the page came from, if that is a signaling server", () => {
		expect(localUrl({ protocol: "http:", host: "192.168.1.5:9000" }, true)).toBe("ws://192.168.1.5:9000");
		expect(localUrl({ protocol: "https:", host: "example.com" }, true)).toBe("wss://example.com");
		expect(localUrl({ protocol: "http:", host: "localhost:8081" }, false)).toBe("ws://localhost:8080");
	});
});

it("peer ids are 40 hexadecimal digits, another each time", () => {
	expect(newPeerId()).toMatch(/^[0-9a-f]{40}$/);
	expect(newPeerId()).not.toBe(newPeerId());
});
