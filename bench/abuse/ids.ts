/** Ids and rooms that look like others: which of them a client can join with. */
import { parseMessage } from "../../protocol/index.ts";
import { table } from "../report.ts";

const LOOKALIKES: readonly [string, string][] = [
	["a right-to-left override", "ali\u202Eecila"],
	["a zero-width space", "ali\u200Bce"],
	["a zero-width joiner", "ali\u200Dce"],
	["a soft hyphen", "ali\u00ADce"],
	["a byte order mark", "\uFEFFalice"],
	["an isolate", "\u2066alice\u2069"],
];

export async function run(): Promise<void> {
	const takes = (fields: object) => parseMessage(JSON.stringify({ type: "join", ...fields })).ok;
	const rows = LOOKALIKES.map(([name, id]) => {
		const taken = [takes({ peerId: id }), takes({ peerId: "alice", room: id })];
		if (taken.includes(true)) process.exitCode = 1;
		return [name, ...taken.map((yes) => (yes ? "taken" : "refused"))];
	});
	console.log(table(["alice with", "as an id", "as a room"], rows));
}
