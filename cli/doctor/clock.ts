import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { CLOCK_SKEW_MS } from "../../lambda/core/limits.ts";
import { type Check, failed, notRun, ok, warning } from "./check.ts";
import { isSecure } from "./network.ts";
import { within } from "./within.ts";

/** The header counts whole seconds, and the answer takes a while: less is not seen. */
const SEEN_MS = 3_000;
/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html */
const SIGNATURE_MS = 5 * 60_000;

const SET_IT =
	"Let the machine set its clock: `timedatectl set-ntp true` (Linux), Settings, Date & Time (macOS), `w32tm /resync` (Windows).";

export const clock: Check = {
	name: "Clock",
	needs: ["DNS"],
	async look({ deployment: { url }, timeoutMs, now }) {
		if (url === undefined) return notRun("no URL was given");
		const before = now();
		let date: number;
		try {
			date = Date.parse((await within(timeoutMs, dateOf(url))) ?? "");
		} catch (error) {
			return notRun(`the server does not tell the time: ${(error as Error).message}`);
		}
		if (Number.isNaN(date)) return notRun("the server does not tell the time");
		const after = now();
		// The middle of the second that the header names, against the middle of the request.
		const skew = (before + after) / 2 - (date + 500);
		const size = Math.abs(skew);
		if (size <= SEEN_MS + (after - before) / 2) return ok("as the server's, to some seconds");
		const detail = `this machine's clock is ${duration(size)} ${skew > 0 ? "ahead of" : "behind"} the server's`;
		if (size <= CLOCK_SKEW_MS) return warning(detail, SET_IT);
		const aws = size > SIGNATURE_MS ? "AWS refuses signatures that are 5 minutes off, and the" : "The";
		return failed(detail, `${aws} server refuses tokens that are ${CLOCK_SKEW_MS / 1000} s off. ${SET_IT}`);
	},
};

/** The header `Date` of any answer. */
function dateOf(url: string): Promise<string | undefined> {
	const target = new URL(url);
	const secure = isSecure(url);
	target.protocol = secure ? "https:" : "http:";
	// No query: it may hold a token, and a certificate that has expired must not hide a wrong clock.
	target.search = "";
	return new Promise((resolve, reject) => {
		const options = { method: "HEAD", agent: false } as const;
		const request = secure
			? requestHttps(target, { ...options, rejectUnauthorized: false })
			: requestHttp(target, options);
		request.once("response", (response) => {
			resolve(response.headers.date);
			response.destroy();
		});
		request.once("error", reject);
		request.end();
	});
}

function duration(ms: number): string {
	const seconds = Math.round(ms / 1000);
	if (seconds < 120) return `${seconds} s`;
	if (seconds < 7_200) return `${Math.round(seconds / 60)} minutes`;
	return seconds < 172_800 ? `${Math.round(seconds / 3_600)} hours` : `${Math.round(seconds / 86_400)} days`;
}
