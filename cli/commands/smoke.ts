import { declare, type Outcome } from "../command-line/command.ts";
import type { Console } from "../command-line/console.ts";
import { EXIT } from "../command-line/exit-codes.ts";
import { number, text } from "../command-line/options.ts";
import { aRoom, converse } from "../smoke/converse.ts";
import { Report, type StepResult } from "../smoke/report.ts";
import { StepError } from "../smoke/step-error.ts";
import { checkedUrl, withoutQuery } from "../smoke/url.ts";

export const smoke = declare({
	name: "smoke",
	summary: "Connects two peers to a signaling server and lets them find each other, signal and leave.",
	operands: [
		{
			name: "url",
			sentence:
				"ws:// or wss://, such as the output of `terraform output -raw websocket_url`; if the server asks for tokens, " +
				"with ?token=<a token that binds no peer id>",
		},
	],
	options: {
		room: text({
			value: "name",
			sentence: "room to meet in (default: a random one, so that no other peer notices)",
		}),
		origin: text({
			value: "origin",
			sentence: "Origin header to send, for a server that requires one (default: none)",
		}),
		timeout: number({
			value: "seconds",
			least: 0.1,
			most: 600,
			default: 10,
			sentence: "how long each step may take",
		}),
	},
	examples: ['npx p2pmesh-signaling smoke "$(terraform output -raw websocket_url)"'],

	async run({ values, operands: [given] }, console) {
		const url = checkedUrl(given as string);
		const options = { url, room: values.room ?? aRoom(), origin: values.origin, timeoutMs: values.timeout * 1000 };
		console.line(`${withoutQuery(url)}, room ${options.room}\n`);
		return console.during("Connecting", async (progress) => {
			const report = new Report((step) => {
				progress.hide();
				console.line(lineOf(step, console));
				progress.update("Waiting for the next step");
			});
			let failure: StepError | undefined;
			try {
				await converse(options, report);
			} catch (error) {
				if (!(error instanceof StepError)) throw error;
				failure = error;
			}
			progress.end();
			return conclude(report, failure, console, { url: withoutQuery(url), room: options.room });
		});
	},
});

function lineOf({ title, passed, ms }: StepResult, { style }: Console): string {
	const verdict = passed ? style.green("ok".padEnd(8)) : style.red("FAILED".padEnd(8));
	return `  ${verdict}${title.padEnd(42)}${String(ms).padStart(6)} ms`;
}

function conclude(report: Report, failure: StepError | undefined, console: Console, where: object): Outcome {
	const { steps, totalMs } = report;
	if (failure === undefined) {
		console.line(`\n${console.style.green("Passed")}: ${report.passed()}.`);
		return { exitCode: EXIT.ok, data: { ...where, steps, totalMs } };
	}
	const { expected, came, hint } = failure;
	console.line(`\n  expected: ${expected}\n  came:     ${came}`);
	if (hint !== undefined) console.line(`  ${hint}`);
	console.line(`\n${console.style.red("Failed")} after ${report.passed()}.`);
	return { exitCode: EXIT.bad, data: { ...where, steps, totalMs, failure: { expected, came, hint } } };
}
