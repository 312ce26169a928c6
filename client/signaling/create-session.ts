import { createEmitter } from "../emitter.ts";
import type { Environment } from "../environment.ts";
import { closed, Presence, type SessionOptions } from "./presence.ts";
import type { Session, SessionEvents } from "./session.ts";

export function createSession(options: SessionOptions, environment: Environment): Session {
	const { on, emit } = createEmitter<SessionEvents>();
	const presence = new Presence(options, environment, emit);

	return {
		on,
		get state() {
			return presence.state;
		},
		join() {
			if (presence.state === "left") return Promise.reject(closed());
			if (presence.state === "new") presence.start();
			return presence.joined;
		},
		leave: () => presence.end(),
		send: (to, frame) => presence.gathering.send(to, frame),
		findPeers: (query) => presence.calls.findPeers(query),
	};
}
