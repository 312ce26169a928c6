/** What two neighbours say to each other about large data. All of it stands in the header of a frame, only pieces have a body. */
import { isId } from "../ids.ts";
import { MAX_FILE_NAME, MAX_FILE_TYPE } from "../limits.ts";
import { KINDS, type Kind } from "./source.ts";

interface OfTransfer {
	/** The transfer's id. */
	readonly i: string;
}

/** From the sender. */
export interface Offer extends OfTransfer {
	readonly o: "offer";
	readonly kind: Kind;
	readonly size?: number | undefined;
	readonly name?: string | undefined;
	readonly type?: string | undefined;
	/** Bytes that the receiver has said to have: it goes on over another link. */
	readonly at: number;
}
export interface Piece extends OfTransfer {
	readonly o: "piece";
	readonly at: number;
}
export interface End extends OfTransfer {
	readonly o: "end";
	readonly at: number;
}

/** From the receiver: it has `at` bytes, and takes them up to `upto`. */
export interface Report extends OfTransfer {
	readonly o: "report";
	readonly at: number;
	readonly upto: number;
}
export interface Done extends OfTransfer {
	readonly o: "done";
}

/** From either. */
export interface Cancel extends OfTransfer {
	readonly o: "cancel";
	/** Whether the sender says so. */
	readonly s?: boolean;
	/** A code of `MeshError`. */
	readonly code: string;
}

export type Word = Offer | Piece | End | Report | Done | Cancel;

/** @returns undefined if a field is out of its bounds */
export function readWord(fields: Readonly<Record<string, unknown>> = {}): Word | undefined {
	const { o, i, at, upto, kind, size, name, type, code } = fields;
	if (!isId(i)) return undefined;
	switch (o) {
		case "offer": {
			const isFile = isText(name ?? "", MAX_FILE_NAME) && isText(type ?? "", MAX_FILE_TYPE);
			return KINDS.includes(kind) && isSize(at) && isSize(size ?? 0) && isFile
				? (fields as unknown as Word)
				: undefined;
		}
		case "piece":
		case "end":
			return isSize(at) ? (fields as unknown as Word) : undefined;
		case "report":
			return isSize(at) && isSize(upto) ? (fields as unknown as Word) : undefined;
		case "done":
			return fields as unknown as Word;
		case "cancel":
			return isText(code, MAX_FILE_TYPE) ? (fields as unknown as Word) : undefined;
		default:
			return undefined;
	}
}

function isSize(value: unknown): boolean {
	return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isText(value: unknown, longest: number): boolean {
	return typeof value === "string" && value.length <= longest;
}
