import { DEPLOYMENT_OPTIONS, type Deployment, findDeployment } from "../aws/deployment.ts";
import { runProgram } from "../aws/run-program.ts";
import { declare } from "../command-line/command.ts";
import type { Console } from "../command-line/console.ts";
import { UsageError } from "../command-line/errors.ts";
import { EXIT } from "../command-line/exit-codes.ts";
import { lines } from "../command-line/help.ts";
import { number, text } from "../command-line/options.ts";
import { credentials, region, table } from "../doctor/aws.ts";
import { type Check, type Checked, examine, type Verdict, type World } from "../doctor/check.ts";
import { clock } from "../doctor/clock.ts";
import { node, terraform } from "../doctor/machine.ts";
import { dns, tls } from "../doctor/network.ts";
import { conversation, handshake } from "../doctor/server.ts";
import { withoutQuery } from "../smoke/url.ts";

const CHECKS: readonly Check[] = [
	node,
	terraform,
	region,
	credentials,
	table,
	dns,
	tls,
	clock,
	handshake,
	conversation,
];

const { url: _url, ...OTHER_OPTIONS } = DEPLOYMENT_OPTIONS;

export const doctor = declare({
	name: "doctor",
	summary: "Looks for what is wrong with this machine, the AWS account and a deployment, and says what to do.",
	operands: [
		{
			name: "url",
			sentence:
				"the server, such as `terraform output -raw websocket_url`, or ws://localhost:8080; without it and without the " +
				"options below only this machine and the AWS account are looked at",
			optional: true,
		},
	],
	options: {
		origin: text({
			value: "origin",
			sentence: "Origin header to send, for a server that requires one (default: none)",
		}),
		timeout: number({
			value: "seconds",
			least: 0.1,
			most: 600,
			default: 10,
			sentence: "how long each answer may take",
		}),
		...OTHER_OPTIONS,
	},
	remarks: [
		`It checks, in this order: ${CHECKS.map(({ name }) => name).join(", ")}. It changes nothing; the conversation takes place ` +
			"in a random room.",
	],
	examples: ['npx p2pmesh-signaling doctor "$(terraform output -raw websocket_url)"'],

	async run({ values, operands: [url] }, console) {
		const deployment = await find({ ...values, url }, console);
		const world: World = {
			deployment,
			origin: values.origin,
			timeoutMs: values.timeout * 1000,
			env: console.env,
			nodeVersion: process.version,
			run: (program, args) => runProgram(program, args, { env: console.env }),
			now: Date.now,
		};
		const where = deployment.url === undefined ? undefined : withoutQuery(deployment.url);
		console.line(`${where ?? "This machine and the AWS account"}\n`);
		const checks: Checked[] = [];
		await console.during(`Checking ${CHECKS[0]?.name}`, async (progress) => {
			for await (const checked of examine(CHECKS, world)) {
				progress.hide();
				checks.push(checked);
				for (const line of show(checked, console)) console.line(line);
				progress.update(`Checking ${CHECKS[checks.length]?.name ?? ""}`);
			}
		});
		const count = (verdict: Verdict) => checks.filter((check) => check.verdict === verdict).length;
		console.line(
			`\n${count("ok")} ok, ${plural(count("warning"), "warning")}, ${count("failed")} failed, ${count("not run")} not run.`,
		);
		return {
			exitCode: count("failed") === 0 ? EXIT.ok : EXIT.bad,
			data: { url: where, checks, warnings: count("warning"), failed: count("failed") },
		};
	},
});

/** A doctor looks at this machine even if nothing says which deployment. */
async function find(values: Parameters<typeof findDeployment>[0], console: Console): Promise<Deployment> {
	try {
		return await findDeployment(values, console);
	} catch (error) {
		if (error instanceof UsageError && values.url === undefined) return {};
		throw error;
	}
}

const plural = (n: number, word: string) => `${n} ${word}${n === 1 ? "" : "s"}`;

const NAME_WIDTH = Math.max(...CHECKS.map(({ name }) => name.length)) + 2;

function show({ name, verdict, detail, hint }: Checked, { style, width }: Console): string[] {
	const colour = { ok: style.green, warning: style.yellow, failed: style.red, "not run": style.dim }[verdict];
	const word = verdict === "failed" ? "FAILED" : verdict;
	const indent = " ".repeat(11);
	const gap = indent + " ".repeat(NAME_WIDTH);
	const wrapped = lines(detail, width - gap.length).join(`\n${gap}`);
	return [
		`  ${colour(word.padEnd(9))}${name.padEnd(NAME_WIDTH)}${verdict === "not run" ? style.dim(wrapped) : wrapped}`,
		...(hint === undefined ? [] : lines(hint, width - gap.length).map((line) => gap + style.bold(line))),
	];
}
