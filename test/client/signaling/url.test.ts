import { describe, expect, it } from "vitest";
import { urlFault } from "../../../client/option-faults.ts";
import { signalingUrl, type TransportOptions } from "../../../client/signaling/index.ts";

const HOST = "abc123.execute-api.eu-central-1.amazonaws.com";

describe("the URL of aws-websocket", () => {
	it.each([
		["what Terraform prints", { url: `wss://${HOST}/prod` }, `wss://${HOST}/prod`],
		["without a stage, prod", { url: `wss://${HOST}` }, `wss://${HOST}/prod`],
		["without a stage, the one given", { url: `wss://${HOST}/`, stage: "dev" }, `wss://${HOST}/dev`],
		["the stage of the URL before the one given", { url: `wss://${HOST}/prod`, stage: "dev" }, `wss://${HOST}/prod`],
		["a slash after the stage, which API Gateway refuses", { url: `wss://${HOST}/prod/` }, `wss://${HOST}/prod`],
		["a query", { url: `wss://${HOST}?a=b`, stage: "dev" }, `wss://${HOST}/dev?a=b`],
		["the id of an API", { url: "abc123", region: "eu-central-1" }, `wss://${HOST}/prod`],
		["the id of an API and a stage", { url: "abc123", region: "eu-central-1", stage: "dev" }, `wss://${HOST}/dev`],
		[
			"the id of an API in China",
			{ url: "abc123", region: "cn-north-1" },
			"wss://abc123.execute-api.cn-north-1.amazonaws.com.cn/prod",
		],
		[
			"a domain of one's own, which may lead to the stage",
			{ url: "wss://signal.example.com" },
			"wss://signal.example.com/",
		],
		["a domain of one's own with a stage", { url: "wss://example.com", stage: "dev" }, "wss://example.com/dev"],
		[
			"an emulator",
			{ url: "ws://localhost:4566/_aws/execute-api/a/prod" },
			"ws://localhost:4566/_aws/execute-api/a/prod",
		],
	])("takes %s", (_what, options, url) => {
		expect(signalingUrl("aws-websocket", options)).toBe(url);
	});

	it.each([
		["nothing", {}, "url is needed"],
		["an id without a region", { url: "abc123" }, "region is needed"],
		["https", { url: `https://${HOST}` }, "ws: or wss:"],
		["no URL", { url: "wss://x y" }, "ws: or wss:"],
		["a number", { url: 7 }, "must be strings"],
	])("does not take %s", (_what, options, message) => {
		const transportName = "aws-websocket";
		expect(signalingUrl(transportName, options as TransportOptions)).toBeUndefined();
		expect(urlFault({ transportName, ...options })).toContain(message);
	});
});

describe("the URL of websocket", () => {
	it("is the signalingServerUrl, or the url, as it is", () => {
		expect(signalingUrl("websocket", { signalingServerUrl: "ws://localhost:8080/a/" })).toBe("ws://localhost:8080/a/");
		expect(signalingUrl("websocket", { url: "wss://example.com/?token=x#y" })).toBe("wss://example.com/?token=x");
	});

	it("is needed", () => {
		expect(signalingUrl("websocket", {})).toBeUndefined();
		expect(urlFault({ transportName: "websocket" })).toBe("A signalingServerUrl is needed.");
	});
});
