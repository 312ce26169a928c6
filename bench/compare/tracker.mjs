/**
 * Starts the server of bittorrent-tracker. Its own command loads its client too, with a native module for WebRTC that needs a
 * download from GitHub.
 *
 * node bench/compare/tracker.mjs <port>
 */
import Server from "bittorrent-tracker/server";

const port = Number(process.argv[2]);
const server = new Server({ udp: false, http: false, ws: true, stats: false });
server.on("error", (/** @type {Error} */ error) => {
	console.error(error.message);
	process.exit(1);
});
server.listen(port, "127.0.0.1", () => console.log(`Tracker on ws://127.0.0.1:${port}`));
