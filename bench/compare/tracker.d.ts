/** The package has no types. */
declare module "bittorrent-tracker/server" {
	export default class Server {
		constructor(options: { udp: boolean; http: boolean; ws: boolean; stats: boolean });
		on(event: "error", listener: (error: Error) => void): void;
		listen(port: number, host: string, listener: () => void): void;
	}
}
