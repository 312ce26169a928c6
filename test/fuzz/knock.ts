/** The gateway's duties towards a client that asks to connect, in any way. */
import assert from "node:assert/strict";
import { dial, textFrame, type Wire } from "../support/wire.ts";
import { readAnswer } from "./answers.ts";
import type { Handshake } from "./handshakes.ts";
import type { Scene } from "./scene.ts";
import type { Tally } from "./tally.ts";

/** All that may stand in the answer that accepts. */
const HEADERS = ["upgrade", "connection", "sec-websocket-accept", "sec-websocket-protocol"];

/** @param isOpen whether a client without a token may be let in */
export const knockOn = (scene: Scene, tally: Tally, isOpen: boolean) => {
	const expectWebSocket = async (wire: Wire, headers: ReadonlyMap<string, string>, { lines }: Handshake) => {
		assert(isOpen, "Somebody was let in");
		assert.deepEqual(
			[...headers.keys()].filter((name) => !HEADERS.includes(name)),
			[],
		);
		const chosen = headers.get("sec-websocket-protocol");
		assert(chosen === undefined || lines.some((line) => line.includes(chosen)), `${chosen} was not offered`);

		wire.write(textFrame("?"));
		// What followed the request may have been no frame.
		await wire.until("An answer", () => wire.texts.length > 0 || wire.closed() !== undefined);
		for (const text of wire.texts) assert.equal(readAnswer(text).kind, "error BAD_JSON");
	};

	return async (handshake: Handshake): Promise<void> => {
		const { method, bytes, upgrades, unfinished } = handshake;
		const wire = dial(scene.port, bytes);
		try {
			if (unfinished) {
				await new Promise((resolve) => setImmediate(resolve));
				tally.count("nothing: broken off");
				return;
			}
			await wire.until("An answer", () => wire.head() !== undefined || wire.closed() !== undefined);
			const head = wire.head();
			tally.count(head === undefined ? "nothing: cut off" : `HTTP ${head.status}`);
			// Node's HTTP server ends a CONNECT, which is for proxies, without a word.
			if (head === undefined) assert.equal(method, "CONNECT", "It was not answered");
			else if (head.status === 101) await expectWebSocket(wire, head.headers, handshake);
			else if (head.status === 200) assert(!upgrades, "A page was asked for nothing of the kind");
			else assert(head.status >= 400 && head.status < 500, `HTTP ${head.status}`);
		} finally {
			wire.cut();
			await scene.aftermath([]);
		}
	};
};
