/**
 * One process with the bundle, as an execution environment has it: carries out each operation many times, and prints the
 * processor's time for each. It gets the endpoints of the servers by its environment.
 */
import { randomBytes } from "node:crypto";
import type { GatewayEvent, GatewayHandler } from "../../lambda/gateway-event.ts";

const [bundle = "", rounds = "100"] = process.argv.slice(2);
const { handler }: { handler: GatewayHandler } = await import(bundle);

type Kind = "CONNECT" | "MESSAGE" | "DISCONNECT";
const event = (eventType: Kind, connectionId: string, frame?: unknown): GatewayEvent => ({
	requestContext: {
		eventType,
		routeKey: "$default",
		connectionId,
		connectedAt: Date.now(),
		identity: { sourceIp: `2001:db8:${connectionId.slice(0, 4)}:${connectionId.slice(4, 8)}::1` },
	},
	...(frame !== undefined && { body: JSON.stringify(frame) }),
});

const times: Record<string, number[]> = {};
async function measured(name: string, happening: GatewayEvent): Promise<void> {
	const before = process.cpuUsage();
	await handler(happening);
	const { user, system } = process.cpuUsage(before);
	(times[name] ??= []).push((user + system) / 1_000);
}

const room = "bench";
const residents = Array.from({ length: 10 }, () => randomBytes(20).toString("hex"));
for (const peerId of residents) {
	await handler(event("MESSAGE", `${randomBytes(8).toString("hex")}=`, { type: "join", room, peerId }));
}
const SIGNAL = { type: "signal", signal: { candidate: "x".repeat(300) } };
for (let n = 0; n < Number(rounds); n++) {
	const id = `${randomBytes(8).toString("hex")}=`;
	await measured("connect", event("CONNECT", id));
	await measured("join", event("MESSAGE", id, { type: "join", room, peerId: randomBytes(20).toString("hex") }));
	const signal = event("MESSAGE", id, { ...SIGNAL, to: residents[n % residents.length] });
	await measured("signal, first of a peer", signal);
	for (let k = 0; k < 9; k++) await measured("signal", signal);
	await measured("leave", event("MESSAGE", id, { type: "leave" }));
	await measured("disconnect", event("DISCONNECT", id));
}
const residentMb = Math.round(process.memoryUsage.rss() / 1e6);
console.log(JSON.stringify({ times, residentMb }));
process.exit();
