/** The clients of all servers, in a process of their own. It does one task at a time, as the bench asks for it. */
import { randomBytes } from "node:crypto";
import { aDescription, DIALECTS, type Dialect, type DialectName } from "./dialects.ts";
import { dial, encodeText, type Line, type OnFrame } from "./line.ts";

/** Where to find a server, and how to speak to it. */
export interface Target {
	readonly port: number;
	readonly dialect: DialectName;
}

export type Task =
	| { readonly do: "pair"; readonly target: Target; readonly pairs: number; readonly bytes: number }
	| { readonly do: "relay"; readonly target: Target; readonly ms: number; readonly outstanding: number }
	| { readonly do: "pace"; readonly target: Target; readonly ms: number; readonly perSecond: number }
	| {
			readonly do: "arrive";
			readonly target: Target;
			readonly peers: number;
			readonly atOnce: number;
			readonly room: string;
			readonly limitMs: number;
	  }
	| { readonly do: "leave"; readonly target: Target };

export interface Results {
	pair: null;
	/** Signals that arrived, and the time that they took. */
	relay: { readonly signals: number; readonly ms: number };
	/** The median and the 99th percentile, in ms. */
	pace: { readonly p50: number; readonly p99: number };
	/** The time until the last was welcomed, in ms. Undefined: not within the limit. */
	arrive: { readonly ms: number | undefined };
	leave: null;
}

/** A frame below this size is no signal. */
const SIGNAL_BYTES = 600;

/** One direction of a pair. */
interface Route {
	readonly sender: Line;
	readonly frame: Buffer;
	/** When its signals that are under way were sent. */
	readonly sentAt: number[];
	/** Called when one of its signals has arrived. */
	onSignal: () => void;
}

const routes = new Map<number, Route[]>();
const crowds = new Map<number, Line[]>();

const newId = () => randomBytes(20).toString("hex");
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Connects a client. Resolves once the server has welcomed it. */
async function enter({ port, dialect: name }: Target, room: string, onSignal: () => void) {
	const dialect: Dialect = DIALECTS[name];
	const id = dialect.id?.(newId()) ?? newId();
	let welcomed = () => {};
	let failed: (error: Error) => void = () => {};
	const welcome = new Promise<void>((resolve, reject) => {
		welcomed = resolve;
		failed = reject;
	});
	let isIn = false;
	const onFrame: OnFrame = (chunk, at, size) => {
		if (size > SIGNAL_BYTES && isIn) return onSignal();
		if (isIn) return;
		const text = chunk.toString("utf8", at, at + size);
		if (text.includes('"error"') || text.includes("failure reason")) return failed(new Error(text));
		if (!dialect.welcomes(text)) return;
		isIn = true;
		welcomed();
	};
	const line = await dial(port, dialect.path(id), onFrame);
	line.onEnd = () => failed(new Error(`The server at port ${port} closed a connection.`));
	const greeting = dialect.greet(id, room);
	if (greeting.length > 0) line.socket.write(Buffer.concat(greeting.map(encodeText)));
	await welcome;
	return { id, line };
}

async function pair({ target, pairs, bytes }: Extract<Task, { do: "pair" }>): Promise<null> {
	const dialect: Dialect = DIALECTS[target.dialect];
	const all: Route[] = [];
	for (let n = 0; n < pairs; n++) {
		const room = `room-${n}`;
		// Each end's signals count for the route that leads to it.
		const [there, back] = [{ onSignal: () => {} }, { onSignal: () => {} }];
		const a = await enter(target, room, () => back.onSignal());
		const b = await enter(target, room, () => there.onSignal());
		for (const [route, from, to] of [
			[there, a, b],
			[back, b, a],
		] as const) {
			const bare = dialect.signal(from.id, to.id, "", room).length;
			const frame = encodeText(dialect.signal(from.id, to.id, aDescription(bytes - bare), room));
			all.push(Object.assign(route, { sender: from.line, frame, sentAt: [] }));
		}
	}
	routes.set(target.port, all);
	return null;
}

async function relay({ target, ms, outstanding }: Extract<Task, { do: "relay" }>): Promise<Results["relay"]> {
	const all = routes.get(target.port) ?? [];
	let signals = 0;
	let underWay = 0;
	let stopped = false;
	for (const route of all) {
		const write = () => {
			underWay += 1;
			route.sender.socket.write(route.frame);
		};
		route.onSignal = () => {
			underWay -= 1;
			if (stopped) return;
			signals += 1;
			write();
		};
	}
	const startedAt = performance.now();
	for (const route of all) {
		// A pair's two directions share its outstanding signals.
		for (let n = 0; n < outstanding / 2; n++) route.onSignal();
	}
	signals = 0;
	underWay = (all.length * outstanding) / 2;
	await sleep(ms);
	stopped = true;
	const took = performance.now() - startedAt;
	for (let waited = 0; underWay > 0; waited++) {
		if (waited > 2_000) throw new Error(`${underWay} signals did not arrive at port ${target.port}.`);
		await sleep(5);
	}
	return { signals, ms: took };
}

async function pace({ target, ms, perSecond }: Extract<Task, { do: "pace" }>): Promise<Results["pace"]> {
	const all = routes.get(target.port) ?? [];
	const times: number[] = [];
	for (const route of all) {
		route.sentAt.length = 0;
		// Signals of one sender arrive in order.
		route.onSignal = () => times.push(performance.now() - (route.sentAt.shift() ?? Number.NaN));
	}
	const startedAt = performance.now();
	let sent = 0;
	while (performance.now() - startedAt < ms) {
		const due = ((performance.now() - startedAt) / 1000) * perSecond;
		for (; sent < due; sent++) {
			const route = all[sent % all.length] as Route;
			route.sentAt.push(performance.now());
			route.sender.socket.write(route.frame);
		}
		await sleep(1);
	}
	for (let waited = 0; times.length < sent; waited++) {
		if (waited > 1_000)
			throw new Error(`${sent - times.length} of ${sent} signals did not arrive at port ${target.port}.`);
		await sleep(5);
	}
	times.sort((a, b) => a - b);
	const share = (part: number) => times[Math.floor(times.length * part)] as number;
	return { p50: share(0.5), p99: share(0.99) };
}

async function arrive(task: Extract<Task, { do: "arrive" }>): Promise<Results["arrive"]> {
	const { target, peers, atOnce, room, limitMs } = task;
	const crowd: Line[] = [];
	crowds.set(target.port, crowd);
	const startedAt = performance.now();
	let begun = 0;
	let isLate = false;
	const some = async () => {
		while (begun < peers && !isLate) {
			begun += 1;
			const { line } = await enter(target, room, () => {});
			line.onEnd = () => {};
			crowd.push(line);
		}
	};
	const timer = setTimeout(() => (isLate = true), limitMs);
	const late = new Promise<void>((resolve) => setTimeout(resolve, limitMs + 100).unref());
	await Promise.race([Promise.all(Array.from({ length: atOnce }, some)), late]);
	clearTimeout(timer);
	return { ms: crowd.length === peers ? performance.now() - startedAt : undefined };
}

async function leave({ target }: Extract<Task, { do: "leave" }>): Promise<null> {
	const crowd = crowds.get(target.port) ?? [];
	crowds.delete(target.port);
	for (let start = 0; start < crowd.length; start += 200) {
		await Promise.all(
			crowd.slice(start, start + 200).map(
				(line) =>
					new Promise<void>((resolve) => {
						if (line.socket.destroyed) return resolve();
						line.onEnd = resolve;
						line.socket.destroy();
					}),
			),
		);
	}
	return null;
}

const TASKS = { pair, relay, pace, arrive, leave } as const;

process.on("message", async (task: Task) => {
	try {
		process.send?.({ result: await (TASKS[task.do] as (task: Task) => Promise<unknown>)(task) });
	} catch (error) {
		process.send?.({ error: (error as Error).message });
	}
});
process.on("disconnect", () => process.exit());
