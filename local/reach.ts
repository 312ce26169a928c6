/** Under which addresses other devices reach this server: the page asks, so that its link works on a phone. */
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

export interface Reach {
	/** Whether the server listens to this machine alone. */
	readonly isLocalOnly: boolean;
	readonly addresses: readonly string[];
}

/** Home and office networks come first: other addresses often belong to virtual machines. */
const USUAL = [/^192\.168\./, /^10\./, /^(?!172\.)\d+\./, /^172\./];

/** @param host the address that the server listens on */
export function reachOf(host: string, interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces()): Reach {
	if (isLoopback(host)) return { isLocalOnly: true, addresses: [] };
	if (host !== "0.0.0.0" && host !== "::") return { isLocalOnly: false, addresses: [host] };

	const addresses = Object.values(interfaces)
		.flatMap((each) => each ?? [])
		.filter(({ internal, family, address }) => {
			// A link-local address of IPv6 means nothing without the name of an interface.
			return !internal && (family === "IPv4" || (host === "::" && !/^fe[89ab]/i.test(address)));
		})
		.map(({ address }) => address);
	const rank = (address: string) => {
		const at = USUAL.findIndex((form) => form.test(address));
		return at === -1 ? USUAL.length : at;
	};
	return { isLocalOnly: false, addresses: addresses.sort((one, other) => rank(one) - rank(other)) };
}

/** Whether it names this machine itself. A domain that leads to this machine does not. */
export function isLoopback(host: string): boolean {
	return host === "localhost" || host === "::1" || host === "[::1]" || /^127(?:\.\d+){3}$/.test(host);
}
