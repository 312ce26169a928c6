import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_MESSAGE_BYTES, parseMessage, type RelayedMessage, stampFrom } from "../../protocol/index.ts";

describe("parseMessage", () => {
	it("measures frames in bytes of UTF-8", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
				const padding = "x".repeat(MAX_MESSAGE_BYTES - Buffer.byteLength(text));

				expect(parseMessage(text + padding)).not.toMatchObject({ refusal: { code: "TOO_LARGE" } });
				expect(parseMessage(`${text}${padding}x`)).toMatchObject({
					refusal: {
						code: "TOO_LARGE",
						message: `Message of ${MAX_MESSAGE_BYTES + 1} bytes is larger than ${MAX_MESSAGE_BYTES} bytes.`,
					},
				});
			}),
		);
	});

	it("never throws, whatever JSON it gets", () => {
		const anyType = fc.constantFrom("join", "leave", "ping", "find_peers", "signal", "nonsense", 1, null);
		const almostMessage = fc.record(
			{
				type: fc.oneof(anyType, fc.jsonValue()),
				peerId: fc.jsonValue(),
				room: fc.jsonValue(),
				to: fc.jsonValue(),
				id: fc.jsonValue(),
				count: fc.jsonValue(),
				__proto__: fc.jsonValue(),
			},
			{ requiredKeys: [] },
		);
		fc.assert(
			fc.property(fc.oneof(almostMessage, fc.jsonValue()), (value) => {
				const result = parseMessage(JSON.stringify(value));
				expect(typeof result.ok).toBe("boolean");
			}),
		);
	});

	it("refuses an id that UTF-8 cannot keep apart from others", () => {
		expect(parseMessage('{"type":"join","peerId":"a\\ud800"}')).toMatchObject({
			refusal: { code: "BAD_REQUEST", message: "peerId must be well-formed Unicode." },
		});
	});

	it.each(["ali\u200bce", "\u202eecila", "\ufeffalice", "a\u2066b"])(
		"refuses to join as %j, which looks like another id",
		(id) => {
			for (const field of ["peerId", "room"]) {
				expect(parseMessage(JSON.stringify({ type: "join", peerId: "alice", [field]: id }))).toMatchObject({
					refusal: { code: "BAD_REQUEST", message: `${field} must not contain invisible characters.` },
				});
			}
		},
	);

	it("refuses a room's name that a token's list would read as a prefix", () => {
		for (const room of ["*", "team-*"]) {
			expect(parseMessage(JSON.stringify({ type: "join", peerId: "alice", room }))).toMatchObject({
				refusal: { code: "BAD_REQUEST", message: "room must not end in *." },
			});
		}
	});

	it("repeats marks of a frame only as far as they are of use", () => {
		expect(parseMessage(JSON.stringify({ type: "signal", id: "x".repeat(129), to: "y".repeat(500) }))).toMatchObject({
			ok: true,
			marks: { requestType: "signal", to: `${"y".repeat(128)}…` },
		});
		expect(parseMessage('{"type":"signal","id":{"a":1}}')).toMatchObject({ marks: { requestType: "signal" } });
	});
});

describe("stampFrom", () => {
	const parse = (text: string) => {
		const result = parseMessage(text);
		if (!result.ok) throw new Error(result.refusal.message);
		return result.message as RelayedMessage;
	};

	it("says whom a frame is from, and changes nothing else", () => {
		const content = fc.dictionary(fc.string(), fc.jsonValue());
		fc.assert(
			fc.property(content, fc.string(), (fields, from) => {
				const frame = { ...fields, type: "signal", to: "somebody" };

				const stamped = stampFrom(parse(JSON.stringify(frame)), from);

				expect(JSON.parse(String(stamped))).toEqual(JSON.parse(JSON.stringify({ ...frame, from })));
			}),
		);
	});

	it("keeps a key called __proto__ as it is", () => {
		const text = '{"type":"signal","to":"x","__proto__":{"a":1},"from":"me"}';

		expect(stampFrom(parse(text), "you")).toBe('{"type":"signal","to":"x","__proto__":{"a":1},"from":"you"}');
	});

	it("gives up on a frame that would be larger than the gateway takes", () => {
		const text = `{"type":"signal","to":"x"${',"from":1'.repeat(3_000)}}`;

		expect(stampFrom(parse(text), "a longer id")).toMatchObject({
			code: "TOO_LARGE",
			message: expect.stringMatching(/32768 bytes/),
		});
	});

	it("takes a frame that is nested deeply", () => {
		const deep = `${"[".repeat(15_000)}${"]".repeat(15_000)}`;

		expect(stampFrom(parse(`{"type":"signal","to":"x","from":1,"a":${deep}}`), "me")).toBe(
			`{"type":"signal","to":"x","from":"me","a":${deep}}`,
		);
		expect(stampFrom(parse(`{"type":"signal","to":"x","a":${deep}}`), "me")).toContain(',"from":"me"}');
	});
});
