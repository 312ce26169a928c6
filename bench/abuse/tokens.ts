/** Tokens with a claim that is missing or means more than its issuer thinks: which rooms they open. */
import { readGrant, refuseJoin } from "../../lambda/core/access.ts";
import { DEFAULT_SETTINGS } from "../../lambda/core/settings.ts";
import { parseMessage } from "../../protocol/index.ts";
import { table } from "../report.ts";

const EXP = 4_000_000_000;

/** The answer to a join with a token: the sentence of its refusal, or undefined if it is let in. */
function refusalOf(claims: Record<string, unknown>, room: string, settings: Partial<typeof DEFAULT_SETTINGS>) {
	const parsed = parseMessage(JSON.stringify({ type: "join", peerId: "mallory", room }));
	if (!parsed.ok) return parsed.refusal.message;
	const grant = readGrant({ sub: "mallory", exp: EXP, ...claims }, { ...DEFAULT_SETTINGS, ...settings }, 0);
	return typeof grant === "string" ? grant : refuseJoin(grant, { peerId: "mallory", room })?.message;
}

export async function run(): Promise<void> {
	const groups = { authRoomsClaim: "cognito:groups" };
	const lenient = { authClaimsRequired: false };
	const cases: [string, string | undefined, boolean][] = [
		["a user in no group joins the room of one", refusalOf({}, "staff", groups), false],
		["the same with auth_claims_required = false", refusalOf({}, "staff", { ...groups, ...lenient }), true],
		["a user of the group joins its room", refusalOf({ "cognito:groups": ["staff"] }, "staff", groups), true],
		["a room is given the name *", refusalOf({ rooms: ["*"] }, "*", {}), false],
		["a room is given a name that ends in *", refusalOf({ rooms: ["a*"] }, "a*", {}), false],
	];
	const verdict = (refusal: string | undefined) => (refusal === undefined ? "let in" : `refused: ${refusal}`);
	console.log(
		table(
			["a token, or a join", "the answer"],
			cases.map(([name, refusal]) => [name, verdict(refusal)]),
		),
	);
	if (cases.some(([, refusal, letIn]) => (refusal === undefined) !== letIn)) process.exitCode = 1;
}
