import { describe, expect, it } from "vitest";
import {
	awsUrl,
	localUrl,
	newPeerId,
	readAwsUrl,
	readHash,
	readServer,
	readServers,
	writeHash,
} from "../../examples/browser/settings.js";

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

describe("several servers", () => {
	const [east, west] = ["wss://a.execute-api.us-east-1.amazonaws.com/prod", "wss://b.example.com/"];
	it.each([
		["lines", `${east}\n${west}\n`],
		["spaces", `  ${east}   ${west}`],
		["commas", `${east}, ${west}`],
		["a list of terraform output -json", `["${east}","${west}"]`],
		["a list of terraform output", `websocket_urls = [\n  "${east}",\n  "${west}",\n]`],
		[
			"all outputs as JSON",
			`{"websocket_urls":{"sensitive":false,"type":["list","string"],"value":["${east}","${west}"]}}`,
		],
		["one of them twice", `${east} ${west} ${east}`],
	])("are read from %s", (_what, text) => {
		expect(readServers(text)).toEqual([east, west]);
	});

	it.each([
		["", []],
		["[::1]:8080", ["ws://[::1]:8080"]],
		["wss://a.test/?list=1,2", ["wss://a.test/?list=1,2"]],
		["localhost:8080 localhost:8081", ["ws://localhost:8080", "ws://localhost:8081"]],
	])("%j is %j", (text, urls) => {
		expect(readServers(text)).toEqual(urls);
	});

	it("are kept in a link, without their tokens", () => {
		const url = "wss://a.test/?token=secret\nwss://b.test/";
		const hash = writeHash({ deployment: "custom", url, room: "default", maxPeers: 8 });
		expect([hash.includes("secret"), readHash(hash).url]).toEqual([false, "wss://a.test/\nwss://b.test/"]);
	});
});

describe("what was pasted as a server", () => {
	it.each([
		['"wss://abc.execute-api.us-east-1.amazonaws.com/prod"', "wss://abc.execute-api.us-east-1.amazonaws.com/prod"],
		['websocket_url = "wss://abc.example.com/prod"\n', "wss://abc.example.com/prod"],
		["  signal.example.com/prod ", "wss://signal.example.com/prod"],
		["https://signal.example.com", "wss://signal.example.com"],
		["HTTP://signal.example.com:81/x", "ws://signal.example.com:81/x"],
		["localhost:8080", "ws://localhost:8080"],
		["192.168.1.5:8080", "ws://192.168.1.5:8080"],
		["raspberry.local:8080", "ws://raspberry.local:8080"],
		["[::1]:8080", "ws://[::1]:8080"],
		["wss://example.com/?a=b&c=d", "wss://example.com/?a=b&c=d"],
		["ftp://example.com", "ftp://example.com"],
		["no url at all", "no url at all"],
		["", ""],
	])("%j becomes %s", (text, url) => {
		expect(readServer(text)).toBe(url);
		expect(readServer(url)).toBe(url);
	});

	it("is an API id, with the region and the stage beside it", () => {
		const api = { apiId: "", region: "eu-west-1", stage: "dev" };

		expect(readServer('"ABC123def4"', api)).toBe("wss://abc123def4.execute-api.eu-west-1.amazonaws.com/dev");
		expect(readServer("example.com", api)).toBe("wss://example.com");
		expect(readServer("", api)).toBe("");
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
