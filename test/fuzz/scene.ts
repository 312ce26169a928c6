/** The local gateway, a bystander in the room that is attacked, and a stranger in another one, over TCP. */
import assert from "node:assert/strict";
import type { Log, TokenVerifier } from "../../lambda/core/ports.ts";
import { createHandler } from "../../lambda/handler.ts";
import { startGateway } from "../../local/gateway.ts";
import type { Frame } from "../support/client.ts";
import { someDependencies } from "../support/defaults.ts";
import { eventually } from "../support/eventually.ts";
import { lastNotices } from "../support/notices.ts";
import { dial, textFrame, upgradeRequest, type Wire } from "../support/wire.ts";
import { isRelayOf, parsed, readAnswer } from "./answers.ts";
import { BYSTANDER, STRANGER } from "./frames.ts";
import { passFor } from "./tokens.ts";

export interface Scene {
	readonly port: number;
	/** How many frames of the hostile client have come to the bystander by now. */
	delivered(): Promise<number>;
	/**
	 * Waits until the server has noticed that the hostile client is gone and has told whom it tells, and looks at what the
	 * others got until then: only frames that the client addressed to the bystander, and that it came and went.
	 * @param texts what the client has sent
	 * @returns how many of its frames have come to the bystander
	 */
	aftermath(texts: readonly string[]): Promise<number>;
	close(): Promise<void>;
}

/** @param tokens makes every client need a token to connect */
export async function setScene(tokens?: TokenVerifier): Promise<Scene> {
	const errors: unknown[] = [];
	const ignore = () => {};
	const log: Log = { debug: ignore, info: ignore, warn: ignore, error: (...line) => void errors.push(line) };
	const settings = { authAtConnect: true };
	const gateway = await startGateway({ log }, ({ sender }) =>
		createHandler({ ...someDependencies(sender, settings), log, tokens }),
	);
	const { port } = gateway;

	const settle = async (peer: { room: string; peerId: string }): Promise<Wire> => {
		const wire = dial(port, upgradeRequest(port, `/?token=${passFor(peer)}`));
		wire.write(textFrame(JSON.stringify({ type: "join", ...peer })));
		await wire.until("The welcome", () => wire.texts.length > 0);
		assert.equal(readAnswer(wire.texts.shift() ?? "").kind, "bootstrap_peers");
		return wire;
	};
	const bystander = await settle(BYSTANDER);
	const stranger = await settle(STRANGER);

	const alone = async () => {
		await eventually(() => gateway.connectionCount() <= 2, 0);
		assert.equal(gateway.connectionCount(), 2, "Its connection is still there, or another has gone");
		await bystander.roundTrip();
		await stranger.roundTrip();
	};

	return {
		port,
		close: () => gateway.close(),

		async delivered() {
			await bystander.roundTrip();
			return bystander.texts.filter((text) => readAnswer(text).kind === "delivered").length;
		},

		async aftermath(sent) {
			await alone();
			const seen = bystander.texts.splice(0);
			const elsewhere = stranger.texts.splice(0);

			const names = sent.map((text) => (parsed(text) as Frame | null | undefined)?.peerId);
			const notices: Frame[] = [];
			let delivered = 0;
			for (const text of seen) {
				const { kind, frame } = readAnswer(text);
				const about = kind === "delivered" ? frame.from : frame.peerId;
				assert(names.includes(about), `Nobody asked to be who this is: ${text}`);
				if (kind === "delivered") {
					delivered++;
					assert(
						sent.some((each) => isRelayOf(each, text, about as string)),
						`Not what was sent: ${text}`,
					);
				} else {
					assert(kind === "peer_joined" || kind === "peer_left", `Not for the bystander: ${text}`);
					notices.push(frame);
				}
			}
			for (const [peerId, last] of lastNotices(notices)) assert.equal(last, "peer_left", `${peerId} has not left`);
			assert.deepEqual(elsewhere, [], "Something has come to another room");
			assert.equal(bystander.closed() ?? stranger.closed(), undefined, "Somebody else was closed");
			assert.deepEqual(errors.splice(0), []);
			return delivered;
		},
	};
}
