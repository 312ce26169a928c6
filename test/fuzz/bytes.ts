/** The bytes of a hostile client: frames that are right but odd, and frames that no client may send. */
import { deflateRawSync } from "node:zlib";
import fc from "fast-check";
import { GATEWAY_MAX_MESSAGE_BYTES } from "../../protocol/index.ts";
import { encode, type FrameParts, OPCODE } from "../support/wire.ts";
import { frameText } from "./frames.ts";

/** One message, or one offence, in as many frames as it takes. */
export interface Piece {
	/** What the tally calls it. */
	readonly kind: string;
	readonly bytes: Buffer;
	/** The text of a whole message: it has to be answered. */
	readonly text?: string;
	/** The payload of a ping: a pong has to bring it back. */
	readonly ping?: Buffer;
	/** With which code the server has to close. */
	readonly closes?: number;
	/** How a failure shows it. */
	readonly [fc.toStringMethod]?: () => string;
}

/** More fragments than ws takes for one message (its `maxFragments`). */
const TOO_MANY_FRAGMENTS = 16_385;

const mask = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
const small = fc.uint8Array({ maxLength: 125 });
const piece = (kind: string, bytes: Buffer, rest: Omit<Piece, "kind" | "bytes"> = {}): Piece => ({
	kind,
	bytes,
	...rest,
	[fc.toStringMethod]: () => `${kind} ${rest.text ?? bytes.toString("hex", 0, 100)}`,
});
const offence = (kind: string, closes: number, frames: fc.Arbitrary<readonly FrameParts[]>): fc.Arbitrary<Piece> =>
	frames.map((parts) => piece(kind, Buffer.concat(parts.map(encode)), { closes }));

/** Cuts bytes at these places, given as parts of 1000. */
function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
	const ends = [
		...places.map((place) => Math.floor((bytes.length * place) / 1_000)).sort((a, b) => a - b),
		bytes.length,
	];
	return ends.map((end, n) => bytes.subarray(ends[n - 1] ?? 0, end));
}

const places = fc.array(fc.nat(1_000), { minLength: 1, maxLength: 6 });

const whole = fc
	.tuple(frameText({ mayClaim: false }), mask, fc.constantFrom(7 as const, 7 as const, 16 as const, 64 as const))
	.map(([text, mask, lengthBits]) =>
		piece("text", encode({ opcode: OPCODE.text, payload: Buffer.from(text), mask, lengthBits }), { text }),
	);

/** Cut anywhere, also within a character, with control frames between the parts, and parts that are empty. */
const fragmented = fc
	.tuple(frameText({ mayClaim: false }), places, fc.option(small), mask)
	.map(([text, at, pong, mask]) => {
		const parts = cutAt(Buffer.from(text), at);
		const between = pong ? encode({ opcode: OPCODE.pong, payload: pong }) : Buffer.alloc(0);
		const frames = parts.map((payload, n) => {
			const opcode = n === 0 ? OPCODE.text : OPCODE.continuation;
			return Buffer.concat([encode({ opcode, payload, mask, fin: n === parts.length - 1 }), between]);
		});
		return piece("text in fragments", Buffer.concat(frames), { text });
	});

const control = fc.oneof(
	small.map((payload) => piece("ping", encode({ opcode: OPCODE.ping, payload }), { ping: Buffer.from(payload) })),
	small.map((payload) => piece("pong that nobody asked for", encode({ opcode: OPCODE.pong, payload }))),
);

const controlOpcode = fc.constantFrom(OPCODE.ping, OPCODE.pong, OPCODE.close);
const notUtf8 = fc
	.tuple(
		fc.string({ unit: "binary", maxLength: 20 }),
		// No lead byte; an overlong form; a half of a surrogate pair; above U+10FFFF; a character without its end.
		fc.constantFrom([0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]),
	)
	.map(([text, bytes]) => Buffer.concat([Buffer.from(text), Buffer.from(bytes)]));
/** Whole or in two fragments. */
const messageOf = (opcode: number, payload: Buffer, inTwo: boolean): FrameParts[] =>
	inTwo
		? [
				{ opcode, payload: payload.subarray(0, 1), fin: false },
				{ opcode: OPCODE.continuation, payload: payload.subarray(1) },
			]
		: [{ opcode, payload }];

const closeFrame = (code: number, reason: Uint8Array = Buffer.alloc(0)): FrameParts => ({
	opcode: OPCODE.close,
	payload: Buffer.concat([Buffer.of(code >> 8, code & 0xff), reason]),
});

const bomb = deflateRawSync(Buffer.alloc(4 * 1024 * 1024));
const tooLong = Buffer.alloc(GATEWAY_MAX_MESSAGE_BYTES + 1, "x");

/** Each is answered by its own close code: https://datatracker.ietf.org/doc/html/rfc6455#section-7.4.1 */
const offences = fc.oneof(
	offence(
		"binary",
		1003,
		fc.tuple(small, fc.boolean()).map(([bytes, inTwo]) => messageOf(OPCODE.binary, Buffer.from(bytes), inTwo)),
	),
	offence(
		"text that is not UTF-8",
		1007,
		fc.tuple(notUtf8, fc.boolean()).map(([bytes, inTwo]) => messageOf(OPCODE.text, bytes, inTwo)),
	),
	offence(
		"compressed, which was not agreed",
		1002,
		fc
			.oneof(
				fc.constant(Buffer.from(bomb)),
				small.map((bytes) => deflateRawSync(bytes)),
			)
			.map((payload) => [{ opcode: OPCODE.text, payload, rsv: 4 }]),
	),
	offence(
		"reserved bits",
		1002,
		fc.integer({ min: 1, max: 7 }).map((rsv) => [{ opcode: OPCODE.text, payload: Buffer.from("{}"), rsv }]),
	),
	offence(
		"reserved opcode",
		1002,
		fc
			.tuple(fc.constantFrom(3, 4, 5, 6, 7, 11, 12, 13, 14, 15), small)
			.map(([opcode, payload]) => [{ opcode, payload }]),
	),
	offence(
		"without a mask",
		1002,
		small.map((payload) => [{ opcode: OPCODE.text, payload, masked: false }]),
	),
	offence(
		"continuation of nothing",
		1002,
		small.map((payload) => [{ opcode: OPCODE.continuation, payload }]),
	),
	offence(
		"message within a message",
		1002,
		small.map((payload) => [
			{ opcode: OPCODE.text, fin: false },
			{ opcode: OPCODE.text, payload },
		]),
	),
	offence(
		"control frame that is too long",
		1002,
		fc
			.tuple(controlOpcode, fc.integer({ min: 126, max: 70_000 }))
			.map(([opcode, length]) => [{ opcode, payload: Buffer.alloc(length) }]),
	),
	offence(
		"control frame in fragments",
		1002,
		fc.tuple(controlOpcode, small).map(([opcode, payload]) => [{ opcode, payload, fin: false }]),
	),
	offence("close code of one byte", 1002, fc.constant([{ opcode: OPCODE.close, payload: Buffer.of(3) }])),
	offence(
		"close code that nobody may send",
		1002,
		fc.constantFrom(0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535).map((code) => [closeFrame(code)]),
	),
	offence(
		"close reason that is not UTF-8",
		1007,
		notUtf8.map((reason) => [closeFrame(1000, reason)]),
	),
	offence(
		"too long",
		1009,
		fc.boolean().map((inTwo) => messageOf(OPCODE.text, tooLong, inTwo)),
	),
	offence(
		"said to be too long",
		1009,
		fc
			.constantFrom(131_073n, 2n ** 31n, 2n ** 32n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n)
			.map((declaredLength) => [{ opcode: OPCODE.text, declaredLength }]),
	),
);

const flood = offence(
	"too many fragments",
	1008,
	fc.constant([
		{ opcode: OPCODE.text, fin: false },
		...Array.from({ length: TOO_MANY_FRAGMENTS }, () => ({ opcode: OPCODE.continuation, fin: false })),
	]),
);

const farewells = fc.oneof(
	fc
		.tuple(fc.constantFrom(1000, 1001, 1003, 1011, 3000, 4999), fc.string({ maxLength: 60 }))
		.map(([code, reason]) => piece("close", encode(closeFrame(code, Buffer.from(reason))), { closes: code })),
	fc.constant(piece("close", encode({ opcode: OPCODE.close }), { closes: 1005 })),
);

/** Pieces that a server has to put up with. */
export const harmless: fc.Arbitrary<Piece> = fc.oneof(
	{ weight: 16, arbitrary: whole },
	{ weight: 4, arbitrary: fragmented },
	{ weight: 3, arbitrary: control },
);

/** Pieces that end the connection. */
export const fatal: fc.Arbitrary<Piece> = fc.oneof(
	{ weight: 16, arbitrary: offences },
	{ weight: 4, arbitrary: farewells },
	{ weight: 1, arbitrary: flood },
);

/** The beginning of a frame that never ends. */
export const half: fc.Arbitrary<Buffer> = fc
	.tuple(whole, fc.nat(1_000))
	.map(([{ bytes }, place]) => bytes.subarray(0, Math.floor((bytes.length * place) / 1_001)));
