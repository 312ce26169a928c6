import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it, onTestFinished, vi } from "vitest";
import type { ProgramResult } from "../../cli/aws/run-program.ts";
import type { Finding, World } from "../../cli/doctor/check.ts";
import { clock } from "../../cli/doctor/clock.ts";
import { node, terraform } from "../../cli/doctor/machine.ts";
import { tls } from "../../cli/doctor/network.ts";
import { aCertificate, type CertificateOptions } from "../support/certificate.ts";
import { cli } from "../support/cli.ts";
import { aGateway, onMessage } from "../support/gateway.ts";
import { startLocalServer } from "../support/local-server.ts";

afterEach(() => vi.unstubAllEnvs());

const aWorld = (changes: Partial<World> = {}): World => ({
	deployment: {},
	origin: undefined,
	timeoutMs: 60_000,
	env: {},
	nodeVersion: "v22.4.0",
	run: async () => ({ code: 0, stdout: '{"terraform_version":"1.11.0"}', stderr: "" }),
	now: Date.now,
	...changes,
});

async function listening(server: Server): Promise<number> {
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
	onTestFinished(() => {
		server.close();
		server.closeAllConnections();
	});
	return (server.address() as AddressInfo).port;
}

const aServer = async (answer: RequestListener) => `ws://127.0.0.1:${await listening(createServer(answer))}`;

interface Report {
	readonly code: number | undefined;
	readonly checks: Readonly<Record<string, Finding>>;
}

async function doctor(...args: string[]): Promise<Report> {
	const { code, stdout } = await cli("doctor", ...args, "--json");
	const { checks } = JSON.parse(stdout) as { checks: (Finding & { name: string })[] };
	return { code, checks: Object.fromEntries(checks.map(({ name, ...finding }) => [name, finding])) };
}

const verdicts = ({ checks }: Report) =>
	Object.fromEntries(Object.entries(checks).map(([name, { verdict }]) => [name, verdict]));

describe("doctor", () => {
	it("finds nothing wrong with a local server that works", async () => {
		const gateway = await startLocalServer();
		onTestFinished(() => gateway.close());

		const report = await doctor(gateway.url);

		expect(report.code).toBe(0);
		expect(verdicts(report)).toMatchObject({
			Region: "not run",
			Credentials: "not run",
			Table: "not run",
			DNS: "ok",
			TLS: "ok",
			Clock: "ok",
			Handshake: "ok",
			Conversation: "ok",
		});
		expect((await cli("doctor", gateway.url)).stdout).toMatch(
			/^ {2}ok {7}Conversation +two peers met.*: 14 steps in /m,
		);
	});

	it("says what to do about a refused handshake, and leaves out what needs it", async () => {
		const url = await aServer((_request, response) => response.writeHead(403).end());

		const { code, stdout } = await cli("doctor", `${url}/prodd?token=secret`);

		expect(code).toBe(1);
		expect(stdout).toMatch(/^ {2}FAILED {3}Handshake +HTTP 403 Forbidden\n +The server does not take this origin/m);
		expect(stdout).toMatch(/^ {2}not run {2}Conversation +Handshake failed$/m);
		expect(stdout).toMatch(/^\d ok, \d warnings?, 1 failed, \d not run\.$/m);
		expect(stdout).not.toContain("secret");
	});

	it("says which step of the conversation failed", async () => {
		const { gateway } = await aGateway(onMessage(() => Promise.reject(new Error("broken"))));

		const { code, checks } = await doctor(gateway.url);

		expect(code).toBe(1);
		expect(checks.Handshake).toMatchObject({ verdict: "ok" });
		expect(checks.Conversation).toMatchObject({
			verdict: "failed",
			detail: expect.stringMatching(
				/^"A joins" failed\. Expected bootstrap_peers to A; got to A: .*Internal server error/,
			),
			hint: expect.stringContaining("aws logs tail"),
		});
	});

	it("stops at a host that there is not", async () => {
		const report = await doctor("wss://no-such-host.invalid/prod", "--table", "t", "--region", "eu-west-1");

		expect(report.code).toBe(1);
		expect(report.checks.DNS?.detail).toContain("no-such-host.invalid");
		expect(verdicts(report)).toMatchObject({
			DNS: "failed",
			TLS: "not run",
			Clock: "not run",
			Handshake: "not run",
			Conversation: "not run",
		});
	});
});

describe("of AWS, doctor", () => {
	const URL_OF_API = "wss://abc.execute-api.eu-west-1.amazonaws.com/prod";
	/** No answer is waited for beyond this machine. */
	const aws = async (...args: string[]) => {
		const { checks } = await doctor(...args, "--timeout", "0.1");
		const { Region, Credentials, Table } = checks;
		return { Region, Credentials, Table };
	};

	function withoutConfiguration(): void {
		for (const name of Object.keys(process.env).filter((name) => name.startsWith("AWS_"))) vi.stubEnv(name, undefined);
		vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
		vi.stubEnv("AWS_CONFIG_FILE", "/no/such/file");
		vi.stubEnv("AWS_SHARED_CREDENTIALS_FILE", "/no/such/file");
	}

	/** DynamoDB, as far as it refuses. */
	async function aDynamodb(refusal: string | undefined): Promise<void> {
		const port = await listening(
			createServer((_request, response) =>
				response
					.writeHead(refusal === undefined ? 200 : 400, { "content-type": "application/x-amz-json-1.0" })
					.end(JSON.stringify(refusal === undefined ? { Items: [], Count: 0 } : { __type: refusal, message: refusal })),
			),
		);
		withoutConfiguration();
		vi.stubEnv("AWS_ENDPOINT_URL_DYNAMODB", `http://127.0.0.1:${port}`);
		vi.stubEnv("AWS_ACCESS_KEY_ID", "test");
		vi.stubEnv("AWS_SECRET_ACCESS_KEY", "test");
	}

	it("misses a region", async () => {
		withoutConfiguration();

		expect(await aws()).toEqual({
			Region: { verdict: "failed", detail: "not known", hint: expect.stringContaining("AWS_REGION") },
			Credentials: { verdict: "not run", detail: "Region failed" },
			Table: { verdict: "not run", detail: "Region failed" },
		});
	});

	it("misses credentials", async () => {
		withoutConfiguration();

		expect(await aws(URL_OF_API)).toMatchObject({
			Region: { verdict: "ok", detail: "eu-west-1" },
			Credentials: {
				verdict: "failed",
				detail: expect.stringMatching(/^There are no AWS credentials/),
				hint: expect.stringContaining("aws sso login"),
			},
		});
	});

	it.each([
		["UnrecognizedClientException", "AWS does not take the credentials"],
		["ExpiredTokenException", "The AWS credentials have expired."],
		["InvalidSignatureException", "AWS does not take the credentials"],
	])("sees that credentials are refused with %s", async (refusal, detail) => {
		await aDynamodb(refusal);

		expect(await aws(URL_OF_API)).toMatchObject({
			Credentials: { verdict: "failed", detail: expect.stringContaining(detail) },
			Table: { verdict: "not run" },
		});
	});

	it.each([
		["ResourceNotFoundException", "There is no table p2pmesh-signaling-prod in eu-west-1."],
		["AccessDeniedException", "The credentials may not dynamodb:Query on table p2pmesh-signaling-prod in eu-west-1."],
	])("tells credentials from the table with %s", async (refusal, detail) => {
		await aDynamodb(refusal);

		expect(await aws(URL_OF_API)).toMatchObject({
			Credentials: { verdict: "ok" },
			Table: { verdict: "failed", detail, hint: expect.any(String) },
		});
	});

	it("finds nothing wrong with a table that it can read", async () => {
		await aDynamodb(undefined);

		expect(await aws(URL_OF_API)).toMatchObject({ Credentials: { verdict: "ok" }, Table: { verdict: "ok" } });
	});
});

describe("of the certificate, doctor", () => {
	const day = (n: number) => new Date(Date.now() + n * 86_400_000);

	async function certificate(changes: Partial<CertificateOptions>, trusted = true): Promise<Finding> {
		const { cert, key } = aCertificate({ host: "localhost", from: day(-100), until: day(100), ...changes });
		const port = await listening(createTlsServer({ cert, key }));
		const deployment = { url: `wss://localhost:${port}/prod` };
		return tls.look(aWorld({ deployment, ...(trusted && { ca: cert }) }));
	}

	it("accepts a good one", async () => {
		expect(await certificate({})).toMatchObject({
			verdict: "ok",
			detail: expect.stringMatching(/^TLSv1.3, .* good until 20/),
		});
	});

	it.each<[string, Partial<CertificateOptions>, boolean, RegExp, RegExp]>([
		["has expired", { until: day(-1) }, true, /^the certificate expired on \d{4}-\d\d-\d\d$/, /Renew it/],
		["has not begun", { from: day(1) }, true, /^the certificate begins on/, /clock/],
		["is for another host", { host: "other.test" }, true, /is for other\.test, and not for localhost/, /names it/],
		["is not trusted", {}, false, /not signed by an authority/, /NODE_EXTRA_CA_CERTS/],
	])("refuses one that %s", async (_name, changes, trusted, detail, hint) => {
		expect(await certificate(changes, trusted)).toEqual({
			verdict: "failed",
			detail: expect.stringMatching(detail),
			hint: expect.stringMatching(hint),
		});
	});

	it("warns of one that ends soon", async () => {
		expect(await certificate({ until: day(5.5) })).toMatchObject({
			verdict: "warning",
			detail: expect.stringContaining(": 5 days"),
		});
	});

	it("sees that a server does not speak TLS, or is not there", async () => {
		const plain = (await aServer((_request, response) => response.end())).replace("ws:", "wss:");

		expect(await tls.look(aWorld({ deployment: { url: plain } }))).toMatchObject({
			verdict: "failed",
			detail: "the server does not speak TLS",
		});
		expect(await tls.look(aWorld({ deployment: { url: "wss://127.0.0.1:1" } }))).toMatchObject({
			verdict: "failed",
			detail: expect.stringContaining("ECONNREFUSED"),
		});
	});

	it("warns of a server without TLS on another machine", async () => {
		expect(await tls.look(aWorld({ deployment: { url: "ws://signal.example.com" } }))).toMatchObject({
			verdict: "warning",
		});
	});
});

describe("of the clock, doctor", () => {
	/** @param behind how far the server's clock is behind, in ms */
	async function skewedBy(behind: number): Promise<Finding> {
		const now = Date.UTC(2030, 0, 1);
		const url = await aServer((_request, response) =>
			response.writeHead(200, { date: new Date(now - behind).toUTCString() }).end(),
		);
		return clock.look(aWorld({ deployment: { url }, now: () => now }));
	}

	it.each<[number, Finding["verdict"], RegExp]>([
		[0, "ok", /as the server's/],
		[10_000, "warning", /^this machine's clock is 10 s ahead of the server's$/],
		[-60_000, "failed", /^this machine's clock is 61 s behind the server's$/],
		[7 * 60_000, "failed", /7 minutes ahead/],
	])("sees %i ms", async (behind, verdict, detail) => {
		const finding = await skewedBy(behind);

		expect(finding).toMatchObject({ verdict, detail: expect.stringMatching(detail) });
		expect(/AWS refuses signatures/.test(finding.hint ?? "")).toBe(behind > 300_000);
	});

	it("needs an answer", async () => {
		expect(await clock.look(aWorld({ deployment: { url: "ws://127.0.0.1:1" } }))).toMatchObject({ verdict: "not run" });
	});
});

describe("of this machine, doctor", () => {
	it.each([
		["v24.1.0", "ok"],
		["v22.0.0", "ok"],
		["v20.15.1", "warning"],
		["v20.9.0", "failed"],
		["v18.20.0", "failed"],
	])("finds Node.js %s %s", async (nodeVersion, verdict) => {
		expect(await node.look(aWorld({ nodeVersion }))).toMatchObject({ verdict });
	});

	it.each<[string, Partial<ProgramResult>, string]>([
		["1.9.0", { stdout: '{"terraform_version":"1.9.0"}' }, "ok"],
		["2.0.0-beta1", { stdout: '{"terraform_version":"2.0.0-beta1"}' }, "ok"],
		["1.5.7", { stdout: '{"terraform_version":"1.5.7"}' }, "failed"],
		["that is not there", { code: -1 }, "warning"],
		["that is broken", { code: 1 }, "failed"],
		["that prints something else", { stdout: "hello" }, "failed"],
	])("finds a Terraform %s", async (_name, result, verdict) => {
		const run = async () => ({ code: 0, stdout: "", stderr: "", ...result });

		expect(await terraform.look(aWorld({ run }))).toMatchObject({ verdict });
	});
});
