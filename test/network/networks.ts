/** Two networks that do not reach each other, and a server's address that both reach. Made of Linux network namespaces. */
import { execFileSync } from "node:child_process";

export interface Networks {
	/** Names of the two namespaces, for `ip netns exec`. */
	readonly names: readonly [string, string];
	/** An address of this machine that both networks reach. */
	readonly serverAddress: string;
	/** The addresses of both networks, from the first to the last. */
	readonly hidden: string;
	/** Gives the first network another address, as a phone gets one that leaves the house. */
	roam(): void;
	remove(): void;
}

const ip = (...args: string[]) => execFileSync("ip", args, { stdio: ["ignore", "pipe", "pipe"] }).toString();

/** @returns why this machine makes no network namespaces; undefined if it does */
export function namespacesRefused(): string | undefined {
	const name = `p2pmesh-probe-${process.pid}`;
	try {
		ip("netns", "add", name);
		ip("netns", "delete", name);
		return undefined;
	} catch (error) {
		return String((error as Error).message).trim();
	}
}

/**
 * Each network is one namespace with a cable to this machine. Its default route leads here. The route to the other
 * network is taken away, so that the two do not meet even on a machine that forwards packets.
 */
export function makeNetworks(): Networks {
	// 198.18.0.0/15 is for tests of networks (RFC 2544). The third byte keeps runs at the same time apart.
	const run = 1 + (process.pid % 250);
	const side = (letter: string, offset: number) => ({
		name: `p2pmesh-${process.pid}-${letter}`,
		cable: `p${process.pid}${letter}`,
		here: `198.18.${run}.${offset + 1}`,
		there: `198.18.${run}.${offset + 2}`,
		elsewhere: `198.18.${run}.${offset + 3}`,
		subnet: `198.18.${run}.${offset}/29`,
	});
	const sides = [side("a", 0), side("b", 8)] as const;
	const serverAddress = `198.18.${run}.17`;

	const remove = () => {
		const made = sides.flatMap(({ name, cable }) => [
			["link", "delete", cable], // a namespace takes its end with it, but only after a while
			["netns", "delete", name],
		]);
		for (const step of [...made, ["address", "delete", `${serverAddress}/32`, "dev", "lo"]]) {
			try {
				ip(...step);
			} catch {
				// It was not made.
			}
		}
	};

	try {
		ip("address", "add", `${serverAddress}/32`, "dev", "lo");
		for (const { name, cable, here, there } of sides) {
			ip("netns", "add", name);
			ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", name);
			ip("address", "add", `${here}/29`, "dev", cable);
			ip("link", "set", cable, "up");
			ip("-n", name, "address", "add", `${there}/29`, "dev", "eth0");
			ip("-n", name, "link", "set", "lo", "up");
			ip("-n", name, "link", "set", "eth0", "up");
			ip("-n", name, "route", "add", "default", "via", here);
		}
		const [a, b] = sides;
		ip("-n", a.name, "route", "add", "unreachable", b.subnet);
		ip("-n", b.name, "route", "add", "unreachable", a.subnet);
	} catch (error) {
		remove();
		throw error;
	}
	return {
		names: [sides[0].name, sides[1].name],
		serverAddress,
		hidden: `198.18.${run}.0-198.18.${run}.15`,
		roam() {
			const [{ name, here, there, elsewhere }] = sides;
			ip("-n", name, "address", "delete", `${there}/29`, "dev", "eth0");
			ip("-n", name, "address", "add", `${elsewhere}/29`, "dev", "eth0");
			ip("-n", name, "route", "replace", "default", "via", here);
		},
		remove,
	};
}
