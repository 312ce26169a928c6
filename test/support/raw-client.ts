import { onTestFinished } from "vitest";
import { dial, textFrame, upgradeRequest } from "./wire.ts";

/** A WebSocket client without manners: it sends the frames of the test, and neither reads nor answers unless told to. */
export interface RawClient {
	/** Sends text frames in one go. */
	send(...texts: string[]): void;
	/** Reads, without answering, until the other side has ended the connection. */
	ended(): Promise<void>;
}

/**
 * Connects, stops reading, and cuts the connection at the end of the test.
 * @throws if the server refuses; the message is the first line of its answer
 */
export async function connectRaw(url: string, path = "/"): Promise<RawClient> {
	const port = Number(new URL(url).port);
	const wire = dial(port, upgradeRequest(port, path), { hasManners: false });
	onTestFinished(() => wire.cut());
	await wire.until("The answer to the handshake", () => wire.head() !== undefined || wire.ended());
	if (wire.head()?.status !== 101) throw new Error(wire.head()?.line ?? "Closed during the handshake.");
	wire.pause();
	return {
		send: (...texts) => wire.write(Buffer.concat(texts.map(textFrame))),
		async ended() {
			wire.resume();
			await wire.until("The end of the connection", () => wire.ended());
		},
	};
}
