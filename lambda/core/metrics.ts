/**
 * Everything that is counted for the operator, declared once: its name, its unit and its sentence.
 *
 * `lambda/adapters/traffic-report.ts` writes the counts, `npm run docs` lists them in docs/operations.md, and tests compare
 * the names in alarms.tf and dashboard.tf with this table. Every name is one custom metric of CloudWatch, which is billed by
 * the month, so none of them holds an id or a room.
 */
import { ERROR_CODES, type ErrorCode } from "../../protocol/codes.ts";

export interface Metric {
	/** A unit of CloudWatch. */
	readonly unit: "Count" | "Bytes" | "Milliseconds";
	/** One sentence for the documentation. */
	readonly sentence: string;
}

const counted = (sentence: string): Metric => ({ unit: "Count", sentence });
const timed = (sentence: string): Metric => ({ unit: "Milliseconds", sentence });

/** What happens to peers and frames. */
const EVENTS = {
	Joins: counted("Peers that joined and that were not in the room before."),
	Resumes: counted("Peers that moved to another connection, and proved to be the same peer."),
	Takeovers: counted("Ids that another client took over, without a proof."),
	Leaves: counted("Peers that said `leave`."),
	Disconnects: counted("Connections that ended, as far as API Gateway told the function."),
	Evictions: counted(
		"Leases of dead connections that were found by a frame to them. API Gateway did not report their end.",
	),
	Notices: counted("`peer_joined` and `peer_left` frames that were delivered."),
	SignalsRelayed: counted("Frames that were passed from one peer to another."),
	BytesRelayed: { unit: "Bytes", sentence: "The size of these frames." },
	RateLimitedFrames: counted("Frames that were refused, or dropped, since their client or its source sent too many."),
	ColdStarts: counted("Instances of the function that handled their first event."),
} as const satisfies Record<string, Metric>;

/** Connects that are refused, by the reason. */
const REFUSALS = {
	ConnectsRefused: counted("Connects that the function refused, for any of the following reasons."),
	Refused_forbidden: counted("Connects from an origin that `allowed_origins` does not list."),
	Refused_unauthorized: counted("Connects without a valid token."),
	Refused_limited: counted("Connects from a source that connects too often."),
	Refused_unavailable: counted("Connects that could not be decided, since the table or the secret failed."),
} as const satisfies Record<string, Metric>;

/** Calls of @connections, by their outcome. */
const CALLBACKS = {
	Callback_ok: counted("Callbacks that API Gateway accepted."),
	Callback_gone: counted("Callbacks to a connection that has ended. Some are normal."),
	Callback_busy: counted(
		"Callbacks that were answered 429: the client reads too slowly, or the account's throttle is reached.",
	),
	Callback_forbidden: counted("Callbacks that were answered 403: a fault of the deployment."),
	Callback_failed: counted("Callbacks that failed in another way, or that took too long."),
} as const satisfies Record<string, Metric>;

/** Calls of the table, by their outcome. */
const STORE_CALLS = {
	Store_ok: counted("Calls of the table that succeeded."),
	Store_unmet: counted("Writes whose condition did not hold. Some are normal: two clients want one id."),
	Store_throttled: counted("Calls that DynamoDB throttled, twice."),
	Store_failed: counted("Calls of the table that failed in another way, or that took too long."),
} as const satisfies Record<string, Metric>;

const ERRORS = Object.fromEntries(
	(Object.keys(ERROR_CODES) as ErrorCode[]).map((code) => [
		`Error_${code}`,
		counted(`Frames that were answered by the error \`${code}\`.`),
	]),
) as Record<`Error_${ErrorCode}`, Metric>;

/** How long calls take, their repetitions included. */
export const LATENCIES = {
	CallbackLatency: timed("How long a callback took, its repetitions included."),
	StoreLatency: timed("How long a call of the table took, its repetition included."),
} as const satisfies Record<string, Metric>;

export const COUNTS = { ...EVENTS, ...REFUSALS, ...ERRORS, ...CALLBACKS, ...STORE_CALLS } as const;
export const METRICS = { ...COUNTS, ...LATENCIES } as const;

export type CountName = keyof typeof COUNTS;
export type LatencyName = keyof typeof LATENCIES;
