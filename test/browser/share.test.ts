import { describe, expect, it } from "vitest";
import { explainReach, isLoopback } from "../../examples/browser/share.js";

describe("the addresses for other devices", () => {
	it("are those of the server, with the page's port", () => {
		const addresses = ["192.168.1.5", "2001:db8::7"];

		expect(explainReach({ isLocalOnly: false, addresses }, "8080").hosts).toEqual([
			"192.168.1.5:8080",
			"[2001:db8::7]:8080",
		]);
		expect(explainReach({ isLocalOnly: false, addresses: ["10.0.0.7"] }, "").hosts).toEqual(["10.0.0.7"]);
	});

	it("are none if the server listens to this machine only, and the page says what to do", () => {
		const { command, hosts } = explainReach({ isLocalOnly: true, addresses: [] }, "8080");

		expect(hosts).toEqual([]);
		expect(command).toBe("npm start -- --host 0.0.0.0");
	});

	it("are none without a network, or without a server that knows", () => {
		expect(explainReach({ isLocalOnly: false, addresses: [] }, "8080").hosts).toEqual([]);
		expect(explainReach(undefined, "8080").hosts).toEqual([]);
	});
});

it.each([
	["localhost", true],
	["page.localhost", true],
	["127.0.0.1", true],
	["[::1]", true],
	["192.168.1.5", false],
	["localhost.example.com", false],
	["127.0.0.1.example.com", false],
])("%s is this machine: %s", (host, is) => {
	expect(isLoopback(host)).toBe(is);
});
