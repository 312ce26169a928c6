/** The memory of the local server after a connection has ended. */
import { describe, expect, it } from "vitest";
import { memoryStore } from "../../lambda/adapters/memory-store.ts";
import { createHandler } from "../../lambda/handler.ts";
import { forgetful } from "../../local/forgetful.ts";
import { someDependencies } from "../support/defaults.ts";
import { aDisconnectEvent, aMessageEvent } from "../support/events.ts";
import { aPeer } from "../support/records.ts";

function aServer() {
	const open = new Set<string>();
	const store = memoryStore({ clock: Date });
	const dependencies = someDependencies({
		post: async (connectionId) => (open.has(connectionId) ? "sent" : "gone"),
		close: async (connectionId) => void open.delete(connectionId),
		isOpen: async (connectionId) => open.has(connectionId),
	});
	const handler = forgetful(createHandler({ ...dependencies, store }), store);
	const context = (connectionId: string) => ({ requestContext: { connectionId, connectedAt: Date.now() } });
	return {
		store,
		open,
		send: (connectionId: string, frame: object) => handler(aMessageEvent(JSON.stringify(frame), context(connectionId))),
		end: (connectionId: string) => {
			open.delete(connectionId);
			return handler(aDisconnectEvent(context(connectionId)));
		},
	};
}

describe("the local server", () => {
	it("keeps nothing of a connection that left, once its end has come", async () => {
		const { store, open, send, end } = aServer();
		open.add("c");
		await send("c", { type: "join", peerId: "alice" });
		await store.saveGrant({ connectionId: "c", until: 4e9, expiresAt: 4e9 });

		await send("c", { type: "leave" });
		expect(await store.getConnection("c", "strong")).toMatchObject({ state: "left" });
		await end("c");

		expect(await store.getConnection("c", "strong")).toBeUndefined();
		expect(await store.getGrant("c")).toBeUndefined();
	});

	it.each([
		{ type: "join", peerId: "alice" },
		{ type: "leave" },
		{ type: "find_peers" },
		{ type: "signal", to: "bob" },
	])("is left as it was by a frame that is handled after the end: %j", async (frame) => {
		const { store, open, send, end } = aServer();
		open.add("c");
		await send("c", { type: "join", peerId: "alice" });
		await send("c", { type: "leave" });
		await end("c");

		await send("c", frame);

		expect(await store.getPeer({ ...aPeer({ peerId: "alice" }), room: "default" }, "strong")).toBeUndefined();
		expect(await store.getConnection("c", "strong")).toBeUndefined();
	});
});
