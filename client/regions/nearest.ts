/** Which deployment answers fastest. */
import type { Environment, Socket } from "../environment.ts";
import { MEASURE_MS, MEASURE_OTHERS_MS } from "../limits.ts";
import type { Region } from "./read.ts";

/**
 * The deployments by the time that a ping takes, the fastest first; then the ones without an answer, in the order given.
 * A ping before a join costs no call of the function: API Gateway answers it.
 */
export async function byDistance<Place extends { readonly region: Region }>(
	places: readonly Place[],
	{ WebSocket, timers }: Environment,
): Promise<Place[]> {
	const tookMs = new Map<Place, number>();
	await new Promise<void>((resolve) => {
		const sockets: Socket[] = [];
		const end = () => {
			cancel();
			for (const socket of sockets) {
				socket.onclose = socket.onopen = socket.onmessage = null;
				socket.close();
			}
			resolve();
		};
		let cancel = timers.after(MEASURE_MS, end);
		let left = places.length;
		const done = () => --left === 0 && end();
		for (const place of places) {
			let socket: Socket;
			try {
				socket = new WebSocket(place.region.url);
			} catch {
				done();
				continue;
			}
			sockets.push(socket);
			socket.onerror = () => {};
			socket.onclose = done;
			socket.onopen = () => {
				const sentAt = timers.elapsed();
				socket.send(JSON.stringify({ type: "ping" }));
				socket.onmessage = () => {
					if (tookMs.has(place)) return;
					tookMs.set(place, timers.elapsed() - sentAt);
					socket.onclose = null;
					if (tookMs.size === 1) {
						cancel();
						cancel = timers.after(MEASURE_OTHERS_MS, end);
					}
					done();
				};
			};
		}
	});
	const timeOf = (place: Place) => tookMs.get(place) ?? Number.POSITIVE_INFINITY;
	return [...places].sort((a, b) => (timeOf(a) === timeOf(b) ? 0 : timeOf(a) - timeOf(b)));
}
