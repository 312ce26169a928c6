import { type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

/**
 * @returns the port
 * @throws the error of `listen`, e.g. EADDRINUSE
 */
export function listen(server: Server, port: number, host: string): Promise<number> {
	return new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, host, () => {
			server.off("error", reject);
			resolve((server.address() as AddressInfo).port);
		});
	});
}

/** Closes the server and every connection that it still has. */
export function shut(server: Server): Promise<void> {
	return new Promise((resolve) => {
		server.close(() => resolve());
		server.closeAllConnections();
	});
}

/** Answers a request to connect by an HTTP status. */
export function refuse(socket: Duplex, status: number): void {
	const reason = STATUS_CODES[status] ?? "Refused";
	// A client that keeps its side open would otherwise keep the process from ending.
	socket.once("finish", () => socket.destroy());
	socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
