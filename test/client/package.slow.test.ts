/** The client as a program gets it that installs the package: in Node.js, and for TypeScript. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cachedPackages } from "../../scripts/cached-packages.mjs";
import { run } from "../support/command.ts";
import { startLocalServer } from "../support/local-server.ts";
import { ROOT } from "../support/repository.ts";
import { cloneInto, lend, type PackedClient, packClient } from "./support/packed-client.ts";

/** Judges of packages, and the oldest TypeScript that reads the declarations. */
const TOOLS = ["publint@0.3.25", "@arethetypeswrong/cli@0.18.5", "typescript-5.0@npm:typescript@5.0.4"];

let client: PackedClient;
let tools: string;

beforeAll(async () => {
	tools = cachedPackages("package-tools-1", TOOLS);
	client = await packClient();
});
afterAll(() => client?.remove());

function node(args: readonly string[], timeoutMs = 60_000) {
	return run(process.execPath, args, { cwd: client.program, timeoutMs });
}

describe("the client's package", () => {
	it("holds what is imported, its source maps and its types, and needs no other package", () => {
		const { version, dependencies } = JSON.parse(readFileSync(join(client.installed, "package.json"), "utf8"));
		const ours = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));

		expect(dependencies).toBeUndefined();
		expect(version).toBe(ours.version);
		expect(client.files).toEqual(
			expect.arrayContaining(["LICENSE", "README.md", "core.js", "core.js.map", "index.d.ts", "index.js"]),
		);
		expect(client.files.filter((file) => !/^(LICENSE|README\.md|package\.json|.*\.js(\.map)?)$/.test(file))).toEqual([
			"index.d.ts",
		]);
	});

	it("is what publint and arethetypeswrong ask for", async () => {
		await node([join(tools, "publint", "src", "cli.js"), client.tarball, "--strict"]);
		const attw = join(tools, "@arethetypeswrong", "cli", "dist", "index.js");
		await node([attw, client.tarball, "--profile", "esm-only"]);
	});

	it("uses nothing that is newer than the browsers that docs/client.md names", () => {
		const scripts = client.files.filter((file) => file.endsWith(".js"));
		expect(scripts.length).toBeGreaterThan(3);
		// Chrome and Edge 94, Firefox 93 and Safari 15.4 have ES2022, and lack these.
		const newer =
			/\.(canParse|toSorted|toReversed|toSpliced|with|findLast|findLastIndex|withResolvers|groupBy|isWellFormed|toWellFormed|fromAsync|union|intersection|difference)\(|AbortSignal\.(any|timeout)|Iterator\.from|structuredClone|scheduler\./;
		for (const file of scripts) {
			expect(newer.exec(readFileSync(join(client.installed, file), "utf8"))?.[0], file).toBeUndefined();
		}
	});

	it("links two peers in Node.js", async () => {
		const server = await startLocalServer();
		for (const name of ["@roamhq/wrtc", "ws"]) lend(client.program, name);
		writeFileSync(
			join(client.program, "two-peers.js"),
			`import wrtc from "@roamhq/wrtc";
			import WebSocket from "ws";
			import { createMesh } from "p2pmesh-signaling-client";

			const options = { signalingServerUrl: process.argv[2], webrtc: wrtc, WebSocket };
			const [one, other] = await Promise.all([createMesh(options), createMesh(options)]);
			const heard = new Promise((resolve) => other.on("message", ({ data }) => resolve(data)));
			await Promise.all([one.join({ links: 1 }), other.join({ links: 1 })]);
			await one.broadcast({ hello: "you" });
			console.log(JSON.stringify(await heard), (await one.stats(other.peerId)) !== undefined);
			await Promise.all([one.leave(), other.leave()]);
			process.exit();`,
		);

		const { stdout } = await node(["two-peers.js", server.url]).finally(() => server.close());

		expect(stdout).toBe('{"hello":"you"} true\n');
	});

	it("is p2pmesh-signaling/client in a clone, too", async () => {
		cloneInto(client.program, client.installed);
		writeFileSync(
			join(client.program, "clone.js"),
			`import { createMesh, MeshError } from "p2pmesh-signaling/client";
			createMesh({ url: 1 }).catch((error) => console.log(error instanceof MeshError, error.code));`,
		);

		expect((await node(["clone.js"])).stdout).toBe("true BAD_OPTIONS\n");
	});
});

describe("the client's types", () => {
	const oldest = () => join(tools, "typescript-5.0", "lib", "tsc.js");
	const newest = () => join(ROOT, "node_modules", "typescript", "bin", "tsc");
	const BROWSER = ["es2022", "dom"];
	const STRICT = { noEmit: true, strict: true, exactOptionalPropertyTypes: true, target: "es2022", types: [] };

	const compile = async (tsc: string, options: object, files: readonly string[]) => {
		const project = join(client.program, "tsconfig.json");
		writeFileSync(project, JSON.stringify({ compilerOptions: { ...STRICT, ...options }, files }));
		await node([tsc, "-p", project]);
	};

	beforeAll(() => {
		writeFileSync(
			join(client.program, "consumer.ts"),
			`import { createMesh, MeshError, type Mesh, type MeshErrorCode, type MeshOptions } from "p2pmesh-signaling-client";

			const options: MeshOptions = { signalingServerUrl: "ws://localhost", rtcConfig: { iceTransportPolicy: "relay" } };
			export const mesh: Mesh = await createMesh(options);
			mesh.on("message", ({ from, data }) => void mesh.send(from, data));
			export const sent: Promise<number> = mesh.broadcast(new Uint8Array(1));
			export const codeOf = (error: unknown): MeshErrorCode | undefined =>
				error instanceof MeshError ? error.code : undefined;
			// @ts-expect-error no such event
			mesh.on("messages", () => {});`,
		);
		writeFileSync(
			join(client.program, "browser.ts"),
			`import { createMesh } from "p2pmesh-signaling-client";

			const rtcConfig: RTCConfiguration = { iceServers: [{ urls: "stun:localhost" }], iceTransportPolicy: "all" };
			const iceServers: RTCIceServer[] = [{ urls: ["turn:localhost"], username: "u", credential: "c" }];
			const { signal } = new AbortController();
			await createMesh({ iceServers, rtcConfig, signal, webrtc: { RTCPeerConnection }, WebSocket });`,
		);
		writeFileSync(join(client.program, "page.ts"), "export const page = p2pmeshClient.createMesh;\n");
	});

	it.each([
		{ compiler: "TypeScript 5.0", tsc: oldest, module: "nodenext", lib: ["es2022"], files: ["consumer.ts"] },
		{ compiler: "TypeScript 5.0", tsc: oldest, module: "esnext", lib: BROWSER, files: ["consumer.ts", "browser.ts"] },
		{ compiler: "this TypeScript", tsc: newest, module: "nodenext", lib: ["es2022"], files: ["consumer.ts"] },
		{ compiler: "this TypeScript", tsc: newest, module: "esnext", lib: BROWSER, files: ["consumer.ts", "browser.ts"] },
	])("are read by $compiler as $module with $lib", async ({ tsc, module, lib, files }) => {
		await compile(tsc(), { module, moduleResolution: module === "esnext" ? "bundler" : module, lib }, files);
	});

	it("name the global that a script makes", async () => {
		const types = join("node_modules", "p2pmesh-signaling-client", "index.d.ts");
		const options = { module: "esnext", moduleResolution: "bundler", allowUmdGlobalAccess: true, lib: BROWSER };
		await compile(oldest(), options, [types, "page.ts"]);
	});

	it("fit the README's examples", async () => {
		const readme = readFileSync(join(ROOT, "README.md"), "utf8");
		const examples = [...readme.matchAll(/```js\n(import \{ createMesh \}[\s\S]*?)```/g)].map(
			([, example = ""]) => example,
		);
		expect(examples.join("")).toContain("mesh.broadcast(data)");
		const given = "declare const url: string, peerId: string, data: { text: string };\n";
		const files = examples.map((_, index) => `example-${index}.ts`);
		for (const [index, file] of files.entries())
			writeFileSync(join(client.program, file), `${given}${examples[index]}`);

		await compile(newest(), { module: "nodenext", lib: BROWSER }, files);
	});
});
