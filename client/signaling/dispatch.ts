/** What the frames of a joined connection are about. */
import type { Emitter } from "../emitter.ts";
import type { MeshError } from "../errors.ts";
import { isId } from "../ids.ts";
import type { Calls } from "./calls.ts";
import type { Connection } from "./connection.ts";
import { errorOf, type Frame, peersOf, retryAfterOf } from "./frames.ts";
import type { Outbox } from "./outbox.ts";
import type { RelayedFrame, SessionEvents } from "./session.ts";

export interface DispatchDuties {
	readonly emit: Emitter<SessionEvents>["emit"];
	readonly outbox: Outbox;
	readonly calls: Calls;
	/** A join that was sent twice was welcomed twice. */
	welcomedAgain(connection: Connection, frame: Frame): void;
	/** The server is about to close this connection. */
	goAway(connection: Connection): void;
	/** Another client has our id. */
	replaced(connection: Connection, error: MeshError): void;
	/** The connection is not ours any more, through no fault of ours. */
	outlawed(connection: Connection, error: MeshError): void;
}

export function createDispatch(duties: DispatchDuties): (connection: Connection, frame: Frame) => void {
	const { emit, outbox, calls } = duties;

	const refused = (connection: Connection, frame: Frame) => {
		const { code, id, requestType, to } = frame;
		let error = errorOf(frame);
		if (requestType === "join") return; // of a join that was sent twice
		if (code === "PEER_ID_TAKEN" && requestType === undefined) return duties.replaced(connection, error);
		const outlawed = ["NOT_JOINED", "ALREADY_JOINED", "UNAUTHORIZED"].includes(error.code);
		if (outlawed) {
			// There is nothing wrong with the frame. It goes out again on the next connection.
			error = errorOf({ ...frame, retryable: true });
			duties.outlawed(connection, error);
		}
		const wait = retryAfterOf(frame);
		if (outbox.refused(id, error, wait) || outlawed) return;
		if (typeof to === "string" && !error.retryable) emit("undelivered", to, error);
		else emit("error", error);
	};

	const notice = (event: "peerJoined" | "peerLeft", { peerId, at, identity }: Frame) => {
		if (isId(peerId)) emit(event, peerId, typeof at === "number" ? at : undefined, identity);
	};

	return (connection, frame) => {
		const { from, type } = frame;
		// Only frames of peers have a sender, and the server stamps it.
		if (typeof from === "string") emit("frame", from, frame as RelayedFrame);
		else if (type === "peer_joined") notice("peerJoined", frame);
		else if (type === "peer_left") notice("peerLeft", frame);
		else if (type === "go_away") duties.goAway(connection);
		else if (type === "error") refused(connection, frame);
		else if (type === "bootstrap_peers") {
			if (frame.resumeKey === undefined) calls.answer(frame.target, peersOf(frame));
			else duties.welcomedAgain(connection, frame);
		} else if (type === undefined && typeof frame.message === "string") emit("error", errorOf(frame));
	};
}
