/** A frame type is declared once, and every part that deals with types covers each of them. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CLIENT_FRAME_TYPES, FRAME_TYPES } from "../../protocol/index.ts";
import { OWN_EXAMPLES } from "../support/frame-examples.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");

describe("frame types", () => {
	it.each(CLIENT_FRAME_TYPES)("docs/protocol.md lists %s", (type) => {
		const sent = /## What a client sends\n([\s\S]*?)\n## /.exec(read("docs/protocol.md"))?.[1] ?? "";

		expect(sent).toContain(`\`${type}\``);
	});

	it("with a route of their own are the routes of the Terraform module", () => {
		const terraform = read("main.tf");
		const functionRoutes = /function_routes = toset\(\[(.*?)\]\)/.exec(terraform)?.[1] ?? "";
		const named = functionRoutes.split(", ").map((quoted) => JSON.parse(quoted) as string);
		const mocked = [...terraform.matchAll(/route_key\s+= "([^"$]+)"/g)].map((match) => match[1]);

		const declared = CLIENT_FRAME_TYPES.filter((type) => FRAME_TYPES[type].route);
		const routes = [...named, ...mocked].filter((route) => !route?.startsWith("$"));
		expect(routes.sort()).toEqual([...declared].sort());
	});

	it("that search the table cost more store calls than those that do not", () => {
		for (const type of CLIENT_FRAME_TYPES) {
			const { price, storeCalls } = FRAME_TYPES[type];
			if (storeCalls > 5) expect(price, type).toBe("search");
		}
	});

	it("of the server's own each have an example, which the contract and the fuzz send", () => {
		const own = CLIENT_FRAME_TYPES.filter((type) => FRAME_TYPES[type].kind === "own");

		expect(Object.keys(OWN_EXAMPLES).sort()).toEqual([...own].sort());
	});
});
