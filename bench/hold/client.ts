/** One peer's connection, as far as the bench needs it. */
import { type Frame, openClient, type TestClient } from "../../test/support/open-client.ts";

export type { Frame } from "../../test/support/open-client.ts";

export interface Client {
	readonly peerId: string;
	readonly room: string;
	/** The key of its last welcome. */
	readonly resumeKey: string;
	readonly isOpen: () => boolean;
	send(frame: object): void;
	/** Sends a `find_peers`. @returns the ids that it lists, or undefined if no answer came */
	find(target: string, count: number): Promise<string[] | undefined>;
	/** Ends the connection without a word. */
	cut(): void;
}

export interface ClientOptions {
	readonly peerId: string;
	readonly room: string;
	readonly resumeKey?: string | undefined;
	/** Called for every frame, except the answers to `join` and `find_peers`. */
	readonly onFrame: (frame: Frame, peerId: string) => void;
	/** Called if the connection ends otherwise than by `cut`. */
	readonly onEnd: (peerId: string) => void;
}

const ANSWER_MS = 20_000;

/** Opens a connection, which has yet to join. */
export const open = (url: string): Promise<TestClient> => openClient(url);

/**
 * Joins over an open connection.
 * @throws if the server refuses
 */
export async function join(connection: TestClient, options: ClientOptions): Promise<Client> {
	const { peerId, room, resumeKey, onFrame, onEnd } = options;
	const finds = new Map<string, (ids: string[]) => void>();
	let wasCut = false;

	connection.onEnd(() => !wasCut && onEnd(peerId));
	const welcome = await connection.join(peerId, { room, resumeKey });
	if (welcome.type !== "bootstrap_peers") throw new Error(`A join was not welcomed: ${JSON.stringify(welcome)}`);
	connection.listen((frame) => {
		if (frame.type !== "bootstrap_peers") return onFrame(frame, peerId);
		const { target, peers } = frame as unknown as { target: string; peers: { id: string }[] };
		finds.get(target)?.(peers.map(({ id }) => id));
	});

	return {
		peerId,
		room,
		resumeKey: welcome.resumeKey as string,
		isOpen: connection.isOpen,
		send: connection.send,
		async find(target, count) {
			const found = new Promise<string[]>((resolve) => finds.set(target, resolve));
			connection.send({ type: "find_peers", target, count });
			const ids = await within(ANSWER_MS, found);
			finds.delete(target);
			return ids;
		},
		cut() {
			wasCut = true;
			connection.cut();
		},
	};
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
	let timer: NodeJS.Timeout | undefined;
	const timeout = new Promise<undefined>((resolve) => {
		timer = setTimeout(() => resolve(undefined), ms);
	});
	try {
		return await Promise.race([promise, timeout]);
	} finally {
		clearTimeout(timer);
	}
}
