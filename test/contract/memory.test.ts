import { afterAll, beforeAll } from "vitest";
import type { Gateway } from "../../local/gateway.ts";
import { startLocalServer } from "../support/local-server.ts";
import { signalingContract } from "./signaling.contract.ts";

let gateway: Gateway;
beforeAll(async () => {
	gateway = await startLocalServer();
});
afterAll(() => gateway.close());

signalingContract("the local server", { url: () => gateway.url });
