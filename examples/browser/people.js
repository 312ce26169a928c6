/**
 * The names that peers choose for themselves. Anybody may choose any, so a name never stands without the short name of the id
 * (names.js), and holds no character with which it could look like more than a name.
 */
import { fingerprint, hueOf, shortName } from "./names.js";

export const MAX_NAME_LENGTH = 24;

/** A word for every 30 degrees of the circle of colours, from 0. */
const COLOURS = "rose coral amber gold olive green teal cyan azure indigo violet pink".split(" ");

const ANIMALS = (
	"otter fox heron lynx ibis panda raven seal tapir wren yak zebra badger bison crane dingo " +
	"eagle finch gecko hare jackal koala lemur marten newt owl puffin quail robin stoat toad vole"
).split(" ");

/** Most names that are remembered: a chat speaks of peers that have left, too. */
const MAX_NAMES = 1_000;

/** @type {Map<string, string>} */
const names = new Map();

/**
 * The part of a text that may be a name: letters, digits, pictures and some signs.
 * @param {unknown} value
 * @returns {string} "" for no name
 */
export function cleanName(value) {
	if (typeof value !== "string") return "";
	const text = value
		.slice(0, 200)
		.normalize("NFC")
		.replace(/[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu, "")
		.replace(/[^\p{L}\p{M}\p{N}\p{Extended_Pictographic}'._-]+/gu, " ")
		.replace(/(\p{M}{2})\p{M}+/gu, "$1");
	return Array.from(text.trim()).slice(0, MAX_NAME_LENGTH).join("").trim();
}

/**
 * The name of a peer that has not chosen one yet: its colour, and an animal.
 * @param {string} id
 */
export function suggestName(id) {
	const colour = COLOURS[Math.round(hueOf(id) / 30) % COLOURS.length];
	return `${colour} ${ANIMALS[Number.parseInt(fingerprint(id).slice(0, 2), 16) % ANIMALS.length]}`;
}

/**
 * Takes the name that a peer gives itself.
 * @param {string} id
 * @param {unknown} name
 */
export function learnName(id, name) {
	const clean = cleanName(name);
	names.delete(id);
	if (clean !== "") names.set(id, clean);
	const [oldest = ""] = names.keys();
	if (names.size > MAX_NAMES) names.delete(oldest);
}

/** @param {string} id @returns {string} "" if it has chosen none */
export function nameOf(id) {
	return names.get(id) ?? "";
}

/** The name and the id, for a text: `teal otter (01234567…)`. @param {string} id */
export function label(id) {
	const name = nameOf(id);
	return name === "" ? shortName(id) : `${name} (${shortName(id)})`;
}
