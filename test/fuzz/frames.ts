/** The text frames of a hostile client: nearly right, wrong in one field, in many, or altogether. */
import fc from "fast-check";
import { RELAYED_TYPES } from "../../protocol/index.ts";
import { OWN_EXAMPLES } from "../support/frame-examples.ts";
import { hostileToken } from "./tokens.ts";
import {
	anyField,
	deepText,
	type Field,
	hugeText,
	jsonText,
	numberText,
	objectText,
	stringText,
	swellingText,
} from "./values.ts";

/** A peer in the room that the hostile client joins. */
export const BYSTANDER = { room: "besieged", peerId: "bystander" } as const;
/** A peer in a room with a name that no generator makes. The hostile client knows its id. */
export const STRANGER = { room: "a3f1c0de-elsewhere", peerId: "stranger" } as const;

export interface FrameOptions {
	/** Whether frames may ask for the bystander's own id. */
	readonly mayClaim: boolean;
	/** What every join holds up as its token. @default most hold up none */
	readonly token?: fc.Arbitrary<string>;
}

const quoted = (...texts: string[]) => fc.constantFrom(...texts.map((text) => JSON.stringify(text)));

const OWN_IDS = ["mallory", "f0".repeat(20), "__proto__", "constructor", "x".repeat(128), "😀 \u2028"];
const ids = quoted(...OWN_IDS);
const oddId = fc.oneof(quoted("x".repeat(129), "a\nb", "é".repeat(128)), stringText);

type Texts = fc.Arbitrary<string>;

/** The fields that a frame may have, with values that could be right. */
const plausible = {
	peerId: fc.oneof({ weight: 4, arbitrary: ids }, { weight: 1, arbitrary: oddId }),
	room: fc.oneof({ weight: 8, arbitrary: quoted(BYSTANDER.room) }, { weight: 1, arbitrary: oddId }),
	to: fc.oneof(
		{ weight: 4, arbitrary: quoted(BYSTANDER.peerId) },
		{ weight: 1, arbitrary: quoted(STRANGER.peerId, "nobody") },
		{ weight: 1, arbitrary: fc.oneof(ids, oddId) },
	),
	from: quoted(BYSTANDER.peerId, STRANGER.peerId, "mallory", ""),
	id: fc.oneof(numberText, stringText),
	resumeKey: fc.oneof(quoted("0".repeat(32)), stringText),
	identity: fc.oneof(quoted("0f".repeat(20), "0F".repeat(20), "0".repeat(41)), stringText),
	token: hostileToken.map((token) => JSON.stringify(token)),
	target: fc.oneof(quoted(BYSTANDER.peerId, STRANGER.peerId), ids, oddId),
	count: fc.oneof(fc.integer({ min: -1, max: 34 }).map(String), numberText),
	timestamp: numberText,
	data: jsonText,
} satisfies Record<string, Texts>;

type Name = keyof typeof plausible;

const fieldOf = (name: Name, value: Texts = plausible[name]): fc.Arbitrary<Field> =>
	fc
		.oneof({ weight: 8, arbitrary: value }, { weight: 1, arbitrary: jsonText })
		.map((text): Field => [`"${name}"`, text]);

const extraField = fc.oneof(...(Object.keys(plausible) as Name[]).map((name) => fieldOf(name)), anyField);

/** An object of this type: what the type needs, each with a chance to be wrong, and further fields before or after it. */
const message = (types: readonly string[], needed: readonly fc.Arbitrary<Field>[], extras = 3): Texts =>
	fc
		.tuple(
			quoted(...types).map((type): Field => ['"type"', type]),
			fc.tuple(...needed),
			fc.array(extraField, { maxLength: extras }),
			fc.boolean(),
		)
		.map(([type, own, more, first]) => objectText(first ? [...more, type, ...own] : [type, ...own, ...more]));

/** Joins the bystander's room. */
export const joinText: Texts = ids.map((peerId) => `{"type":"join","room":"${BYSTANDER.room}","peerId":${peerId}}`);

const claimText = fc.constant(JSON.stringify({ type: "join", ...BYSTANDER }));

/** Content that makes a relayed frame too deep, too large, or too large once it is written again. */
const heavy = (data: Texts) =>
	fc
		.tuple(data, fc.boolean(), fc.constantFrom("signal", "join", "nonsense"))
		.map(([text, forged, type]) =>
			objectText([
				['"type"', `"${type}"`],
				['"to"', `"${BYSTANDER.peerId}"`],
				...(forged ? ([['"from"', '"stranger"']] as const) : []),
				['"data"', text],
			]),
		);

const joining = (token: Texts | undefined) =>
	message(
		["join"],
		[
			fieldOf("room"),
			fieldOf("peerId"),
			...(token === undefined
				? []
				: [
						fieldOf(
							"token",
							token.map((text) => JSON.stringify(text)),
						),
					]),
		],
	);

const wellFormed = ({ mayClaim, token }: FrameOptions) =>
	fc.oneof(
		{ weight: 12, arbitrary: message(RELAYED_TYPES, [fieldOf("to")]) },
		{ weight: 1, arbitrary: mayClaim ? claimText : joinText },
		...Object.entries(OWN_EXAMPLES).map(([type, { weight, extraFields }]) => ({
			weight,
			arbitrary: type === "join" ? joining(token) : message([type], [], extraFields),
		})),
		{ weight: 3, arbitrary: message(["Join", "join ", "", "__proto__", "error", "bootstrap_peers", "peer_left"], []) },
		{ weight: 3, arbitrary: fc.array(anyField, { maxLength: 5 }).map(objectText) },
		{ weight: 3, arbitrary: jsonText },
	);

const ofAnySize = fc.oneof(
	heavy(deepText),
	heavy(swellingText),
	// Around the limit of 32,000 bytes, and above what one frame of API Gateway holds.
	heavy(hugeText(fc.oneof(fc.integer({ min: 31_800, max: 32_000 }), fc.constantFrom(33_000, 60_000)))),
	deepText,
);

/** Somewhere in a text something is missing, added or repeated. */
const mangled = (text: Texts) =>
	fc
		.tuple(text, fc.nat(), fc.nat(12), fc.constantFrom("", "\0", "}", '"', ",", "\ufffd", "//", "\u00a0"))
		.map(([whole, position, length, inserted]) => {
			const at = position % (whole.length + 1);
			const cut = (at + length) % 2 === 0 ? at + length : at - length; // forward leaves a part out, back repeats it
			return whole.slice(0, at) + inserted + whole.slice(Math.max(0, cut));
		})
		.map((whole) => Buffer.from(whole).toString()); // half a surrogate pair is no UTF-8

const spaced = (text: Texts) =>
	fc.tuple(fc.constantFrom("", " ", "\r\n\t"), text, fc.constantFrom("", "\n", "  ")).map((parts) => parts.join(""));

/** Text frames, as text that UTF-8 can carry. */
export function frameText(options: FrameOptions): Texts {
	return fc.oneof(
		{ weight: 30, arbitrary: spaced(wellFormed(options)) },
		{ weight: 4, arbitrary: mangled(wellFormed({ ...options, mayClaim: false })) },
		{ weight: 2, arbitrary: fc.string({ unit: "binary" }) },
		{ weight: 1, arbitrary: ofAnySize },
	);
}
