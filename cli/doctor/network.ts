import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { connect, rootCertificates, type TLSSocket } from "node:tls";
import { type Check, type Finding, failed, notRun, ok, type World, warning } from "./check.ts";
import { within } from "./within.ts";

/** A certificate that ends sooner than this should have been renewed. */
const RENEWAL_DAYS = 14;
const DAY_MS = 86_400_000;

export const dns: Check = {
	name: "DNS",
	async look({ deployment: { url }, timeoutMs }) {
		const host = hostOf(url);
		if (host === undefined) return notRun("no URL was given");
		if (isIP(host) !== 0) return ok(`${host} is an address`);
		try {
			const addresses = await within(timeoutMs, lookup(host, { all: true }));
			const [first, ...others] = addresses.map(({ address }) => address);
			return ok(`${host} is ${first}${others.length === 0 ? "" : ` and ${others.length} more`}`);
		} catch (error) {
			const { code, message } = error as NodeJS.ErrnoException;
			if (code === "ENOTFOUND") {
				return failed(
					`there is no host ${host}`,
					"Is the stack deployed, and is the URL the output websocket_url? For a domain of your own: does its record point to the API's domain name?",
				);
			}
			return failed(`${host} is not resolved: ${code ?? message}`, "Look at the network, the resolver and a proxy.");
		}
	},
};

export const tls: Check = {
	name: "TLS",
	needs: ["DNS"],
	async look(world) {
		const { url } = world.deployment;
		if (url === undefined) return notRun("no URL was given");
		if (!isSecure(url)) {
			return isThisMachine(url)
				? ok("none, which is right on this machine")
				: warning(
						"none: everybody in between can read and change what is sent",
						"Use wss://. Pages from https:// may not open ws://.",
					);
		}
		try {
			const socket = await within(world.timeoutMs, handshake(url, world.ca));
			try {
				return judge(socket, new URL(url).hostname, world);
			} finally {
				socket.destroy();
			}
		} catch (error) {
			const { code, message } = error as NodeJS.ErrnoException;
			const reached = code === "EPROTO" || code?.startsWith("ERR_SSL") === true;
			return reached
				? failed("the server does not speak TLS", "Is the port right, or is it a ws:// server?")
				: failed(`no connection: ${message || code}`, "Look at the network, a firewall, and the port.");
		}
	},
};

export function hostOf(url: string | undefined): string | undefined {
	// A URL writes an IPv6 address in brackets.
	return url === undefined ? undefined : new URL(url).hostname.replace(/^\[(.*)\]$/, "$1");
}

export function isThisMachine(url: string): boolean {
	const host = hostOf(url) ?? "";
	return host === "localhost" || host === "::1" || host.startsWith("127.");
}

export function isSecure(url: string): boolean {
	return new URL(url).protocol === "wss:";
}

function handshake(url: string, ca: string | undefined): Promise<TLSSocket> {
	const { port } = new URL(url);
	const host = hostOf(url) as string;
	return new Promise((resolve, reject) => {
		const socket = connect({
			host,
			port: Number(port || 443),
			// A bad certificate is looked at here, and nothing is sent.
			rejectUnauthorized: false,
			...(isIP(host) === 0 && { servername: host }),
			...(ca !== undefined && { ca: [...rootCertificates, ca] }),
		});
		socket.once("secureConnect", () => resolve(socket));
		socket.once("error", reject);
	});
}

function judge(socket: TLSSocket, host: string, { now }: World): Finding {
	const { valid_to, valid_from, subjectaltname = "", issuer } = socket.getPeerCertificate();
	const problem = socket.authorized
		? ""
		: String((socket.authorizationError as unknown as { code?: string }).code ?? socket.authorizationError);
	if (problem.includes("CERT_HAS_EXPIRED")) {
		return failed(
			`the certificate expired on ${day(valid_to)}`,
			"Renew it. ACM renews a certificate by itself while its validation record is in the DNS. If other sites fail too, set this machine's clock.",
		);
	}
	if (problem.includes("CERT_NOT_YET_VALID")) {
		return failed(`the certificate begins on ${day(valid_from)}`, "Is this machine's clock right?");
	}
	if (/ALTNAME/i.test(problem)) {
		return failed(
			`the certificate is for ${subjectaltname.replaceAll("DNS:", "")}, and not for ${host}`,
			"Give the domain a certificate that names it, or use the URL that the certificate names.",
		);
	}
	if (problem !== "") {
		return failed(
			`the certificate is not signed by an authority that Node.js knows (${problem})`,
			"If a proxy of your network signs it, name its certificate by NODE_EXTRA_CA_CERTS. Browsers refuse a self-signed one.",
		);
	}
	const left = Math.floor((Date.parse(valid_to) - now()) / DAY_MS);
	const detail = `${socket.getProtocol()}, the certificate is good until ${day(valid_to)}`;
	if (left < RENEWAL_DAYS) {
		return warning(
			`${detail}: ${left} days`,
			"Is it renewed by itself? ACM does so 60 days before, while its validation record is in the DNS.",
		);
	}
	return ok(`${detail}${issuer?.O === undefined ? "" : `, by ${issuer.O}`}`);
}

function day(date: string): string {
	return new Date(date).toISOString().slice(0, 10);
}
