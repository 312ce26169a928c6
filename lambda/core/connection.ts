/** A client's connection, as the gateway describes it. */
export interface ClientConnection {
	readonly id: string;
	/** ms since the epoch */
	readonly connectedAt: number;
}
