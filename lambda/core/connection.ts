/** A client's connection, as the gateway describes it. */
export interface ClientConnection {
	readonly id: string;
	/** ms since the epoch */
	readonly connectedAt: number;
	/** The client's network address, if the gateway names it. Never stored or logged. */
	readonly address?: string | undefined;
}
