import { createEmitter } from "../emitter.ts";
import type { Environment } from "../environment.ts";
import { Presence, type SessionOptions } from "./presence.ts";
import type { Session, SessionEvents } from "./session.ts";

export function createSession(options: SessionOptions, environment: Environment): Session {
	const { on, emit } = createEmitter<SessionEvents>();
	let presence = new Presence(options, environment, emit);

	return {
		on,
		get state() {
			return presence.state;
		},
		join() {
			const before = presence;
			if (before.state === "new") before.start();
			if (before.state !== "left") return before.joined;
			// The server may not have noticed the end of the earlier stay: the key proves that the id is ours.
			presence = new Presence(options, environment, emit, before.resumeKey);
			presence.start(before.end());
			return presence.joined;
		},
		leave: () => presence.end(),
		close: () => void presence.end(undefined, true),
		send: (to, frame) => presence.gathering.send(to, frame),
		probe: () => presence.probe(),
		findPeers: (query) => presence.calls.findPeers(query),
	};
}
