import { createConnection, createServer, type Server, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** A stretch of network between a tab and the server, that can be cut. */
export interface Proxy {
	/** `http://127.0.0.1:port` */
	readonly url: string;
	/** Ends every connection through it, and refuses new ones. */
	cut(): Promise<void>;
	/** Lets connections through again. */
	mend(): Promise<void>;
}

/** Passes connections on to a port of this machine. Ends with the test. */
export async function startProxy(target: number): Promise<Proxy> {
	const sockets = new Set<Socket>();
	const keep = (socket: Socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		socket.on("error", () => socket.destroy());
	};
	let server: Server;
	let port = 0;

	const listen = async () => {
		server = createServer((near) => {
			const far = createConnection(target, "127.0.0.1");
			keep(near);
			keep(far);
			near.pipe(far).pipe(near);
			near.on("close", () => far.destroy());
			far.on("close", () => near.destroy());
		});
		await new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.listen(port, "127.0.0.1", resolve);
		});
		port = (server.address() as { port: number }).port;
	};
	const cut = async () => {
		const closed = new Promise((resolve) => server.close(resolve));
		for (const socket of sockets) socket.destroy();
		await closed;
	};

	await listen();
	onTestFinished(cut);
	return { url: `http://127.0.0.1:${port}`, cut, mend: listen };
}
