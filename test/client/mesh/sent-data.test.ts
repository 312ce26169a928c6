/** Data between two real peers, over the real server. */
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { startLocalServer } from "../../support/local-server.ts";
import { aMesh } from "../support/mesh-node.ts";

it("bytes of any kind arrive as a Uint8Array, a File as a File; a value that would arrive changed is refused", async () => {
	const server = await startLocalServer();
	try {
		const [a, b] = await Promise.all([aMesh(server.url), aMesh(server.url)]);
		const got: unknown[] = [];
		b.on("message", ({ data }) => got.push(data));
		await Promise.all([a.join(), b.join()]);
		await eventually(() => a.peers.includes(b.peerId));

		await a.send(b.peerId, new File(["hello"], "hello.txt", { type: "text/plain" }));
		expect(got).toMatchObject([{ name: "hello.txt", type: "text/plain", size: 5 }]);
		expect(await (got.pop() as File).text()).toBe("hello");
		const large = new Uint8Array(3_000_000).fill(7);
		await a.send(b.peerId, large);
		expect(Buffer.compare(got.pop() as Uint8Array, large)).toBe(0);

		await a.broadcast(new Blob(["hello"]));
		await a.send(b.peerId, runInNewContext("Uint8Array.from([104, 101, 108, 108, 111]).buffer"));
		await eventually(() => got.length === 2);
		expect(got).toEqual(Array(2).fill(new TextEncoder().encode("hello")));

		for (const value of [new Map([[1, 2]]), [Number.NaN], { file: new Blob(["x"]) }]) {
			await expect(a.send(b.peerId, value)).rejects.toMatchObject({ code: "BAD_REQUEST" });
		}
	} finally {
		await server.close();
	}
});
