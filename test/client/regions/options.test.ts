import wrtc from "@roamhq/wrtc";
import { describe, expect, it } from "vitest";
import WebSocket from "ws";
import { createMesh, type MeshOptions } from "../../../client/index.ts";
import { type Regions, readRegions } from "../../../client/regions/read.ts";

const faultsOf = (options: object): Promise<unknown> =>
	createMesh({ webrtc: wrtc, WebSocket, ...options } as MeshOptions).catch((error) => error);

describe("the option regions", () => {
	it.each<[object, string]>([
		[{ regions: [] }, "regions must be a list of 1 to 8 URLs."],
		[{ regions: "wss://a.test" }, "regions must be a list"],
		[{ regions: Array.from({ length: 9 }, (_, n) => `wss://${n}.test`) }, "regions must be a list"],
		[{ home: "nearest" }, "regions must be a list"],
		[{ regions: ["wss://a.test"], home: "here" }, "home must be room or nearest; got here."],
		[
			{ regions: ["wss://a.test", "https://b.test"] },
			"regions[1]: A URL with ws: or wss: is needed; got https://b.test.",
		],
		[{ regions: ["wss://a.test", 7] }, "regions[1]: A URL or an object is needed; got 7."],
		[{ regions: [null] }, "regions[0]: A URL or an object is needed; got null."],
		[{ regions: [{}] }, "regions[0]: A url is needed."],
		[{ regions: [{ url: "abc" }] }, "regions[0]: A region is needed with abc."],
		[{ regions: [{ url: "wss://a.test", name: "" }] }, "regions[0]: name must be a text."],
		[{ regions: [{ url: { toString: null } }] }, "regions[0]: url, stage and region must be strings"],
		[{ regions: ["wss://a.test", "wss://A.test:443/"] }, "regions names a.test twice."],
		[{ regions: ["wss://a.test"], signalingServerUrl: "wss://b.test" }, "give one of them"],
		[{ regions: ["wss://a.test"], transportOptions: { url: "wss://b.test" } }, "give one of them"],
	])("is refused if it is wrong: %j", async (options, words) => {
		expect(await faultsOf(options)).toMatchObject({ code: "BAD_OPTIONS", message: expect.stringContaining(words) });
	});

	it("reports all that is wrong at once", async () => {
		const { message } = (await faultsOf({ regions: ["x y", "ftp://b.test"], home: 1, room: "" })) as Error;
		for (const fault of ["regions[0]", "regions[1]", "home must", "room must"]) expect(message).toContain(fault);
	});

	it("names a deployment by its region, by its host, or as the application says", async () => {
		const regions = [
			"wss://abc.execute-api.eu-west-1.amazonaws.com",
			"ws://a.test:81",
			{ url: "wss://b.test", name: "Bern" },
		];
		const read = await readRegions({ regions });
		expect((read as Regions).regions.map(({ name }) => name)).toEqual(["eu-west-1", "a.test:81", "Bern"]);
	});

	it("says where the mesh is at home only once it is", async () => {
		const mesh = await createMesh({ webrtc: wrtc, WebSocket, regions: ["ws://a.test"] });
		expect([mesh.state, mesh.region]).toEqual(["new", undefined]);
	});
});
