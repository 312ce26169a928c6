import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { MeshOptions } from "../../../client/options.ts";
import { ranked } from "../../../client/regions/rank.ts";
import { type Regions, readRegions } from "../../../client/regions/read.ts";

const read = async (given: MeshOptions["regions"] & object) =>
	((await readRegions({ regions: given })) as Regions).regions;
const idsOf = (urls: readonly string[]) => read(urls);
const homeOf = (list: Regions["regions"], room: string) => ranked(list, room)[0]?.id;
const regions = ["us-east-1", "eu-central-1", "ap-south-1", "sa-east-1", "us-west-2"];
const urls = regions.map((region, n) => `wss://abc${n}.execute-api.${region}.amazonaws.com/prod`);
const all = await idsOf(urls);
const rooms = Array.from({ length: 4_000 }, (_, n) => `room ${n}`);

describe("the home of a room", () => {
	it("is the same for every order of the list", () => {
		fc.assert(
			fc.property(fc.shuffledSubarray([...all], { minLength: all.length }), fc.string(), (shuffled, room) => {
				const order = (list: Regions["regions"]) => ranked(list, room).map(({ id }) => id);
				expect(order(shuffled)).toEqual(order(all));
			}),
		);
	});

	it.each([
		["wss://ABC.execute-api.us-east-1.amazonaws.com/prod", "wss://abc.execute-api.us-east-1.amazonaws.com:443/prod/"],
		["wss://abc.execute-api.us-east-1.amazonaws.com", "wss://abc.execute-api.us-east-1.amazonaws.com./prod"],
		["wss://a.test/?token=x", "wss://a.test"],
		["wss://a.test/x#y", "wss://a.test/x//"],
		["ws://localhost:8080", "ws://LOCALHOST:8080/"],
		["wss://bücher.test", "wss://xn--bcher-kva.test"],
	])("is the same for every spelling of a URL: %s and %s", async (one, other) => {
		const [[first], [second]] = [await idsOf([one]), await idsOf([other])];
		expect([first?.id, first?.mark]).toEqual([second?.id, second?.mark]);
		expect(first?.id).not.toBe(undefined);
	});

	it("is the same for an API's id and for its URL", async () => {
		const [short] = await read([{ url: "abc", region: "us-east-1", stage: "dev" }]);
		expect(short?.id).toBe("abc.execute-api.us-east-1.amazonaws.com/dev");
	});

	it("is each of them for about as many rooms", () => {
		const counts = new Map<string | undefined, number>();
		for (const room of rooms) {
			const home = homeOf(all, room);
			counts.set(home, (counts.get(home) ?? 0) + 1);
		}
		const expected = rooms.length / urls.length;
		// Four standard deviations of a fair choice. The rooms and the URLs are always the same.
		for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(4 * Math.sqrt(expected));
		expect(counts.size).toBe(urls.length);
	});

	it("moves for the rooms of a deployment that goes, to each of the others, and for no other room", () => {
		const [gone, ...left] = all;
		const heirs = new Set<string | undefined>();
		for (const room of rooms) {
			const before = homeOf(all, room);
			if (before === gone?.id) heirs.add(homeOf(left, room));
			else expect(homeOf(left, room)).toBe(before);
		}
		expect(heirs.size).toBe(left.length);
	});
});
