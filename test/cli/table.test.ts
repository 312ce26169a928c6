/** `rooms`, `peers` and `kick`, on an embedded DynamoDB. */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { fromPeer } from "../../lambda/adapters/dynamodb-items.ts";
import type { Gateway } from "../../local/gateway.ts";
import { startBundle } from "../support/bundle-server.ts";
import { type CliOptions, cli, cliWith } from "../support/cli.ts";
import { connect } from "../support/client.ts";
import { type LocalDynamodb, startDynamodb } from "../support/dynamodb.ts";
import { aPeer } from "../support/records.ts";

let dynamodb: LocalDynamodb;
let client: DynamoDBClient;
beforeAll(async () => {
	dynamodb = await startDynamodb();
	client = new DynamoDBClient();
});
afterAll(async () => {
	client.destroy();
	await dynamodb.close();
});

let lastRoom = 0;
/** A room that no other test uses. */
let room: string;
beforeEach(() => {
	room = `room ${++lastRoom}`;
});

const SECRETS = { resumeKey: "the resume key", ownerHash: "the owner's hash" };

/** @param pad bytes that make the item larger: DynamoDB ends a page after 1 MB */
async function arrive(peerId: string, changes: Parameters<typeof aPeer>[0] = {}, pad = 0): Promise<void> {
	const Item = fromPeer(aPeer({ peerId, room, ...SECRETS, ...changes }));
	const TableName = dynamodb.tableName;
	await client.send(new PutItemCommand({ TableName, Item: { ...Item, pad: { S: "x".repeat(pad) } } }));
}

const table = (...args: string[]) => cli(...args, "--table", dynamodb.tableName);
const data = async (...args: string[]) => JSON.parse((await table(...args, "--json")).stdout);

describe("peers", () => {
	it("lists the peers that are joined, and no key of theirs", async () => {
		await arrive("alice", { since: Date.UTC(2030, 4, 1, 12) });
		await arrive("bob");
		await arrive("carol", { expiresAt: 1 });
		await arrive("dave", { identity: `d1a2b3c4${"0".repeat(32)}` });
		await arrive("e".repeat(40), { identity: "e".repeat(40) });

		const { code, stdout } = await table("peers", room);

		expect(code).toBe(0);
		expect(stdout).toMatch(/^alice +2030-05-01T12:00:00Z +2100-01-01T00:00:00Z +connection of alice$/m);
		expect(stdout).toMatch(/^bob /m);
		expect(stdout).not.toContain("carol");
		expect(stdout).toMatch(/^dave +d1a2b3c4… +20/m);
		expect(stdout).toMatch(/^e{40} +is its id +20/m);
		expect((await data("peers", room)).peers).toContainEqual(
			expect.objectContaining({ peerId: "dave", identity: `d1a2b3c4${"0".repeat(32)}` }),
		);
		expect(stdout).toMatch(/^4 peers in room \d+\. 0\.5 read units, less than \$0\.000001\.$/m);
		expect(stdout + JSON.stringify(await data("peers", room))).not.toMatch(/resume|owner/i);
	});

	it("continues behind a peer, over the pages of DynamoDB", async () => {
		for (const n of [1, 2, 3, 4, 5]) await arrive(`${n}`.repeat(40), {}, 300_000);

		const first = await data("peers", room, "--limit", "2");
		const rest = await data("peers", room, "--after", first.peers[1].peerId);

		expect(first).toMatchObject({ more: true, peers: [{ peerId: "1".repeat(40) }, { peerId: "2".repeat(40) }] });
		expect(rest.more).toBe(false);
		expect(rest.peers.map(({ peerId }: { peerId: string }) => peerId[0])).toEqual(["3", "4", "5"]);
		expect((await table("peers", room, "--limit", "2")).stdout).toContain(`--after '${"2".repeat(40)}'`);
	});

	it("prints nothing that a terminal would obey", async () => {
		await arrive("evil\u202eid", { connectionId: "\u001b[2Jx\n" });

		const { stdout } = await table("peers", room);

		expect(stdout).toContain("evil\\u{202e}id");
		expect(stdout).toMatch(/ x\\u\{a\}$/m);
		expect(stdout).not.toContain("\u001b");
	});

	it("of an empty room are none, which is no fault", async () => {
		expect(await table("peers", room)).toMatchObject({ code: 0, stdout: expect.stringContaining("0 peers") });
	});
});

describe("rooms", () => {
	it("counts the rooms that are named, over the pages of DynamoDB", async () => {
		for (const n of [1, 2, 3, 4, 5]) await arrive(`${n}`.repeat(40), {}, 300_000);

		expect(await data("rooms", room, "nobody here")).toMatchObject({
			ok: true,
			peers: 5,
			rooms: [
				{ room, peers: 5 },
				{ room: "nobody here", peers: 0 },
			],
		});
	});

	it("lists all rooms only with the user's consent, and says the price first", async () => {
		await arrive("alice");
		await arrive("bob");

		const unasked = await table("rooms");
		const declined = await cliWith({ terminal: true, input: "n\n" }, "rooms", "--table", dynamodb.tableName);
		const agreed = await cliWith({ terminal: true, input: "y\n" }, "rooms", "--table", dynamodb.tableName);
		const said = await table("rooms", "--yes");

		expect(unasked).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("Add --yes to agree.") });
		expect(unasked.stderr).toMatch(/by Scan: some [\d,]+ items and [\d,]+ kB.*read units, /);
		expect(declined).toMatchObject({ code: 1, stderr: expect.stringContaining("Nothing was read.") });
		expect(agreed.stdout).toMatch(new RegExp(` 2  ${room}$`, "m"));
		expect(said).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`^ +2  ${room}$`, "m")) });
		expect(JSON.parse((await table("rooms", "--yes", "--json")).stdout).rooms).toContainEqual({ room, peers: 2 });
	});
});

describe("kick", () => {
	let gateway: Gateway;
	beforeAll(async () => {
		gateway = await startBundle(dynamodb.tableName);
	});
	afterAll(() => gateway.close());
	const kick = (...args: string[]) => table("kick", ...args, "--endpoint", gateway.callbackEndpoint);

	it("closes the connection, and the server tells the neighbours", async () => {
		const [alice, bob] = [await connect(gateway.url), await connect(gateway.url)];
		alice.send({ type: "join", peerId: "alice", room });
		await alice.nextOf("bootstrap_peers");
		bob.send({ type: "join", peerId: "bob", room });
		await bob.nextOf("bootstrap_peers");

		const { code, stdout } = await kick(room, "bob", "--wait", "60");

		expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`Kicked bob in ${room}`) });
		await bob.closed();
		expect(await alice.nextOf("peer_left")).toMatchObject({ peerId: "bob" });
		expect((await data("peers", room)).peers).toMatchObject([{ peerId: "alice" }]);
	});

	it("closes a connection by its id, once", async () => {
		const alice = await connect(gateway.url);
		alice.send({ type: "join", peerId: "alice", room });
		await alice.nextOf("bootstrap_peers");
		const { connectionId } = (await data("peers", room)).peers[0];

		expect(await kick("--connection", connectionId)).toMatchObject({ code: 0, stdout: `Closed ${connectionId}.\n` });
		await alice.closed();
		expect(await kick("--connection", connectionId)).toMatchObject({ code: 1 });
	});

	it("says that a lease outlived its connection, and leaves it to the server", async () => {
		await arrive("ghost");

		const { code, stdout } = await kick(room, "ghost", "--wait", "0");

		expect(code).toBe(1);
		expect(stdout).toContain("had ended before, and its lease is still there");
		expect(stdout).toContain("2100-01-01");
		expect((await data("peers", room)).peers).toHaveLength(1);
	});

	/** An endpoint that answers each close with this status, after something else has happened. */
	async function anEndpoint(status: number, meanwhile: () => Promise<void> = async () => {}): Promise<string> {
		const server = createServer(async (_request, response) => {
			await meanwhile();
			response.writeHead(status).end();
		});
		await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
		onTestFinished(() => {
			server.close();
			server.closeAllConnections();
		});
		return `http://127.0.0.1:${(server.address() as AddressInfo).port}/prod`;
	}

	it("says that the peer is back, that the server has not let go of it, or that it may not", async () => {
		await arrive("alice");
		const kickAt = (endpoint: string) => table("kick", room, "alice", "--wait", "0", "--endpoint", endpoint);

		const silent = await kickAt(await anEndpoint(204));
		const forbidden = await kickAt(await anEndpoint(403));
		const back = await kickAt(await anEndpoint(204, () => arrive("alice", { connectionId: "another" })));

		expect(silent).toMatchObject({ code: 1, stdout: expect.stringContaining("has not handled the end") });
		expect(forbidden).toMatchObject({ code: 3, stderr: expect.stringContaining("execute-api:ManageConnections") });
		expect(back).toMatchObject({ code: 0, stdout: expect.stringContaining("it is back on another connection") });
	});

	it("finds no peer that is not there", async () => {
		expect(await kick(room, "nobody")).toMatchObject({
			code: 1,
			stderr: expect.stringMatching(/There is no peer nobody in the room room \d+\.\n.*peers 'room/),
		});
	});

	it.each([
		[[], "Say which peer"],
		[["lobby"], "<peer> is missing"],
		[["lobby", "bob", "--connection", "x"], "Say which peer"],
	])("refuses %j", async (args, message) => {
		expect(await kick(...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
	});
});

describe("the deployment", () => {
	const env = { PATH: process.env.PATH ?? "" };

	/** A `terraform` in the PATH that prints this and exits with this code. */
	async function aTerraform(printed: string, code = 0): Promise<CliOptions> {
		const folder = await mkdtemp(join(tmpdir(), "terraform-"));
		onTestFinished(() => rm(folder, { recursive: true }));
		await writeFile(join(folder, "printed"), printed);
		await writeFile(join(folder, "terraform"), `#!/bin/sh\ncat ${join(folder, "printed")}\nexit ${code}\n`, {
			mode: 0o755,
		});
		return { env: { PATH: `${folder}${delimiter}${env.PATH}` } };
	}

	it("comes from Terraform's outputs", async () => {
		await arrive("alice");
		const outputs = {
			websocket_url: { value: "wss://abc.execute-api.us-east-1.amazonaws.com/prod" },
			connections_table_name: { value: dynamodb.tableName },
		};

		const { code, stdout } = await cliWith(
			await aTerraform(JSON.stringify(outputs)),
			"rooms",
			room,
			"--terraform",
			".",
		);

		expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(new RegExp(`1  ${room}`)) });
	});

	it("says that Terraform is not installed, knows no outputs, or failed", async () => {
		const none = await cliWith({ env: { PATH: "" } }, "rooms", "x", "--terraform", ".");
		const empty = await cliWith(await aTerraform("{}"), "rooms", "x", "--terraform", ".");
		const failed = await cliWith(await aTerraform("", 1), "rooms", "x", "--terraform", ".");

		expect(none).toMatchObject({ code: 3, stderr: expect.stringContaining("terraform is not installed") });
		expect(empty).toMatchObject({ code: 3, stderr: expect.stringContaining("has no output websocket_url") });
		expect(failed).toMatchObject({ code: 3, stderr: expect.stringContaining("exit code 1") });
	});

	it("names the table and the region in the error if there is no such table", async () => {
		const url = "wss://abc.execute-api.eu-west-1.amazonaws.com/staging";

		const { code, stderr } = await cli("rooms", "x", "--url", url, "--project", "ours");

		expect({ code, stderr }).toMatchObject({
			code: 3,
			stderr: expect.stringMatching(/^There is no table ours-staging in eu-west-1\.\nIs it another region/),
		});
	});

	it("has to be said, and completely", async () => {
		expect(await cli("rooms", "x")).toMatchObject({ code: 2, stderr: expect.stringContaining("Which deployment?") });
		expect(await cli("rooms", "x", "--url", "wss://signal.example.com")).toMatchObject({
			code: 2,
			stderr: expect.stringContaining("add --table"),
		});
		expect(await cli("kick", "x", "y", "--table", "t")).toMatchObject({
			code: 2,
			stderr: expect.stringContaining("add --endpoint"),
		});
	});
});
