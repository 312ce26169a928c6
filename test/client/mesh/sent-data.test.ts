/** Data between two real peers, over the real server. */
import { runInNewContext } from "node:vm";
import { expect, it } from "vitest";
import { eventually } from "../../support/eventually.ts";
import { startLocalServer } from "../../support/local-server.ts";
import { aMesh } from "../support/mesh-node.ts";

it("bytes of any kind arrive as a Uint8Array; a value that would arrive changed is refused", async () => {
	const server = await startLocalServer();
	try {
		const [a, b] = await Promise.all([aMesh(server.url), aMesh(server.url)]);
		const got: unknown[] = [];
		b.on("message", ({ data }) => got.push(data));
		await Promise.all([a.join(), b.join()]);
		await eventually(() => a.peers.includes(b.peerId));

		await a.send(b.peerId, new File(["hello"], "hello.txt"));
		await a.broadcast(new Blob(["hello"]));
		await a.send(b.peerId, runInNewContext("Uint8Array.from([104, 101, 108, 108, 111]).buffer"));
		await eventually(() => got.length === 3);
		expect(got).toEqual(Array(3).fill(new TextEncoder().encode("hello")));

		for (const value of [new Map([[1, 2]]), [Number.NaN], { file: new Blob(["x"]) }]) {
			await expect(a.send(b.peerId, value)).rejects.toMatchObject({ code: "BAD_REQUEST" });
		}
	} finally {
		await server.close();
	}
});
