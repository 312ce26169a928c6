import { describe, expect, it } from "vitest";
import { originAllowed } from "../../lambda/core/access.ts";
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
