/** The clients of a run: they do what the scenario says, and give up as a client does. */
import type { Frame } from "../support/client.ts";
import { type Event, type Invocation, isWelcome } from "./history.ts";
import type { Action, Scenario } from "./scenario.ts";
import type { Scheduler } from "./scheduler.ts";
import type { Happenings, Server } from "./server.ts";

/** An action that a client does by a frame. */
type Frames = Extract<Action, { readonly at: number }>;

/** Carries out one action of a client. Resolves when its invocation has ended. */
export type Perform = (action: Action) => Promise<void>;

export function createClients(
	happenings: Happenings,
	scheduler: Scheduler,
	server: Server,
	sharedInstances: ReadonlySet<number>,
): Perform {
	const { invocations, resumeKeys } = happenings;
	let signals = 0;

	const invocationOf = (action: Frames, mark: string): Invocation => {
		const { client, does, at } = action;
		return {
			name: `${client}: ${does}${"to" in action ? ` to ${action.to}` : ""}`,
			does,
			client,
			sharesInstance: sharedInstances.has(at),
			outcome: "running",
			hit: false,
			...(does === "signal" && { mark }),
		};
	};

	const frameOf = (action: Frames, mark: string): Frame => {
		if (action.does === "signal") return { type: "signal", to: action.to, id: mark };
		if (action.does === "leave") return { type: "leave" };
		const resumeKey = action.resumes && resumeKeys.get(action.resumes);
		return { type: "join", peerId: action.as, ...(resumeKey !== undefined && { resumeKey }) };
	};

	const send = async (action: Frames): Promise<void> => {
		const { client, does, at } = action;
		const mark = `signal ${++signals}`;
		const text = JSON.stringify(frameOf(action, mark));
		const invocation = invocationOf(action, mark);
		invocations.push(invocation);
		await scheduler.start(invocation, () => server.receive(invocation, at, text));
		if (does === "signal" || isAnswered(invocation, happenings)) return;
		await scheduler.step(`${client} gives up`);
		server.endSocket(client);
	};

	return async (action) => {
		if (action.does === "wait") {
			await scheduler.step(`${action.ms} ms pass`);
			server.pass(action.ms);
		} else if (action.does === "drop") {
			await scheduler.step(`${action.client} drops`);
			server.endSocket(action.client);
		} else {
			await send(action);
		}
	};
}

/** Whether a client knows the end of its `join` or `leave`, other than that it may try again. */
function isAnswered({ client, does }: Invocation, { events, open }: Happenings): boolean {
	if (open.get(client) !== true) return true;
	if (does === "leave") return false;
	const answers = ({ frame }: Extract<Event, { kind: "posted" }>) =>
		isWelcome(frame) || (frame.type === "error" && frame.retryable !== true);
	return events.some((event) => event.kind === "posted" && event.to === client && event.delivered && answers(event));
}

/** The instances that handle frames of more than one line. */
export function sharedInstancesOf({ beside }: Scenario): ReadonlySet<number> {
	const used = beside.flatMap((line) => [...new Set(line.flatMap((action) => ("at" in action ? [action.at] : [])))]);
	return new Set(used.filter((instance, index) => used.indexOf(instance) !== index));
}
