/** The deeds of a hostile client on its connection, over TCP, and the duties of the gateway towards it. */
import assert from "node:assert/strict";
import { MAX_MESSAGE_BYTES } from "../../protocol/index.ts";
import type { Frame } from "../support/client.ts";
import { eventually } from "../support/eventually.ts";
import { dial, encode, OPCODE, textFrame, upgradeRequest, type Wire } from "../support/wire.ts";
import { parsed, readAnswer } from "./answers.ts";
import type { Piece } from "./bytes.ts";
import type { Scene } from "./scene.ts";
import type { Tally } from "./tally.ts";

export interface Assault {
	/** An allowed join, to begin with. */
	readonly join: string | undefined;
	readonly pieces: readonly Piece[];
	/** The places at which the bytes are cut into writes, as parts of 1000. */
	readonly cuts: readonly number[];
	/** How it ends, unless the server ends it: with a cut, with half a frame and then a cut, or with a close. */
	readonly end: "cut" | "close" | Buffer;
}

export interface Tallies {
	readonly sent: Tally;
	readonly answers: Tally;
}

const CLOSE_NORMALLY = encode({ opcode: OPCODE.close, payload: Buffer.of(1000 >> 8, 1000 & 0xff) });
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Whether a text makes the server close the connection. */
const leaves = (text: string) =>
	Buffer.byteLength(text) <= MAX_MESSAGE_BYTES && (parsed(text) as Frame | null | undefined)?.type === "leave";

/** Writes bytes in several goes. */
async function writeIn(wire: Wire, bytes: Buffer, cuts: readonly number[]): Promise<void> {
	let from = 0;
	for (const cut of [...cuts].sort((a, b) => a - b).concat(1_000)) {
		const to = Math.floor((bytes.length * cut) / 1_000);
		if (to > from) wire.write(bytes.subarray(from, to));
		from = to;
		await turn();
	}
}

export const assaultOn = (scene: Scene, { sent, answers }: Tallies) => {
	/** The connection stays open, each text was answered or delivered once, and each ping was answered. */
	const expectAnswers = async (wire: Wire, pieces: readonly Piece[]) => {
		const texts = pieces.filter(({ text }) => text !== undefined).length;
		const pings = pieces.flatMap(({ ping }) => ping ?? []);
		let delivered = 0;
		await eventually(async () => {
			await wire.roundTrip();
			delivered = await scene.delivered();
			return wire.closed() !== undefined || wire.texts.length + delivered >= texts;
		}, 0);
		assert.equal(wire.closed(), undefined, "It was closed without a reason");
		assert.equal(wire.texts.length + delivered, texts, "Not as many answers as there were frames");
		assert.deepEqual(wire.pongs, pings);
		answers.count("pong to a ping", pings.length);
	};

	const expectEnd = async (wire: Wire, codes: readonly number[]) => {
		const code = await wire.until("The end", () => wire.closed());
		assert(codes.includes(code as number), `Closed with ${code} and not with ${codes}`);
		answers.count(`close ${code}`);
	};

	const part = async (wire: Wire, end: Assault["end"]) => {
		if (end === "close") {
			wire.write(CLOSE_NORMALLY);
			assert.equal(await wire.until("The end", () => wire.closed()), 1000);
		} else if (end !== "cut") {
			wire.write(end);
			await turn();
		}
	};

	return async ({ join, pieces: drawn, cuts, end }: Assault): Promise<void> => {
		const first: Piece[] = join === undefined ? [] : [{ kind: "text", text: join, bytes: textFrame(join) }];
		const pieces = [...first, ...drawn];
		const texts = pieces.flatMap(({ text }) => text ?? []);
		const offence = pieces.find(({ closes }) => closes !== undefined)?.closes;
		// A leave that came before an offence may be carried out before or after that is noticed.
		const codes = [...(offence === undefined ? [] : [offence]), ...(texts.some(leaves) ? [1000] : [])];

		const wire = dial(scene.port, upgradeRequest(scene.port));
		try {
			await wire.until("The answer to the handshake", () => wire.head()?.status === 101);
			await writeIn(wire, Buffer.concat(pieces.map(({ bytes }) => bytes)), cuts);
			for (const { kind } of pieces) sent.count(kind);
			if (codes.length > 0) {
				await expectEnd(wire, codes);
			} else {
				await expectAnswers(wire, pieces);
				await part(wire, end);
			}
			for (const text of wire.texts) {
				const { kind } = readAnswer(text);
				answers.count(kind === "delivered" ? "delivered to itself" : kind);
			}
		} finally {
			wire.cut();
			answers.count("delivered", await scene.aftermath(texts));
		}
	};
};
