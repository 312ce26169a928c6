/** A mesh that an AbortSignal ends. Loads if the application gives one. */
import { MeshError } from "./errors.ts";
import { heedless } from "./heedless.ts";
import type { JoinOptions, Mesh } from "./mesh/api.ts";
import type { AbortSignalLike } from "./platform-types.ts";

/** @returns the same mesh */
export function withSignal(mesh: Mesh, signal: AbortSignalLike): Mesh {
	const aborted = () => new MeshError("ABORTED", "Aborted.", { cause: signal.reason });
	const leave = () => void mesh.leave();
	// A signal may live longer than the mesh, and must not keep it in memory.
	mesh.on("state", (state) => {
		if (state === "joining") signal.addEventListener("abort", leave);
		if (state === "left") signal.removeEventListener("abort", leave);
	});
	const join = mesh.join.bind(mesh);
	const joinUnlessAborted = async (options?: JoinOptions) => {
		if (signal.aborted) throw aborted();
		await join(options).catch((error) => {
			throw signal.aborted ? aborted() : error;
		});
	};
	return Object.assign(mesh, { join: (options?: JoinOptions) => heedless(joinUnlessAborted(options)) });
}
