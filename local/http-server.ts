import { readFileSync } from "node:fs";
import { type Server, STATUS_CODES } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { Log } from "../lambda/core/ports.ts";

/** Files that the process needs beside its connections: the program, the page's files, what Node opens. */
const SPARE_FILES = 64;

/**
 * How many connections the process can hold, since each is an open file. Undefined if it has no such limit.
 * Without it nothing tells that files have run out: libuv then closes new connections and reports no error.
 */
export function connectionLimit(): number | undefined {
	const files = openFileLimit();
	return files === undefined ? undefined : Math.max(1, files - SPARE_FILES);
}

function openFileLimit(): number | undefined {
	try {
		// Linux says it in one line, and a report takes 12 ms and 2 MiB. https://man7.org/linux/man-pages/man5/proc_pid_limits.5.html
		const soft = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
		return soft === undefined ? undefined : Number(soft);
	} catch {
		// Not Linux.
	}
	Object.assign(process.report, { excludeNetwork: true }); // otherwise it looks up host names
	const report = process.report.getReport() as { userLimits?: { open_files?: { soft?: number | string } } };
	const files = report.userLimits?.open_files?.soft;
	return typeof files === "number" ? files : undefined;
}

/** Least time between two lines about refused connections, in ms. */
const REPORT_INTERVAL_MS = 10_000;

/** Closes connections beyond a number, and says so. */
export function limitConnections(server: Server, limit: number, log: Log): void {
	let refused = 0;
	let reportedAt = Number.NEGATIVE_INFINITY;
	server.maxConnections = limit;
	server.on("drop", () => {
		refused += 1;
		if (performance.now() - reportedAt < REPORT_INTERVAL_MS) return;
		reportedAt = performance.now();
		log.error("connection_refused", {
			refused,
			reason: `There are ${limit} connections, and no more files may be open. Raise the limit: ulimit -n`,
		});
	});
}

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
