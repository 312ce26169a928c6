/** A proxy in front of an emulator that refuses calls once, as AWS does when a permission is missing or a quota is met. */
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface RefusingProxy {
	/** `http://127.0.0.1:{port}`, for AWS_ENDPOINT_URL. */
	readonly endpoint: string;
	/** From now on refuses the first call of each operation that matches, and lets all later ones pass. */
	refuseOnce(pattern: RegExp): void;
	refuseNothing(): void;
	/** The operations that were refused since the last `refuseOnce`, such as `lambda POST functions` and `iam CreateRole`. */
	readonly refused: ReadonlySet<string>;
	/** Every operation that was asked for, refused or not. */
	readonly seen: ReadonlySet<string>;
	stop(): Promise<void>;
}

/** The sentence of every refusal. */
export const REFUSAL = "Refused on purpose";

/** @param target URL of the emulator */
export async function startRefusingProxy(target: string): Promise<RefusingProxy> {
	let pattern: RegExp | undefined;
	const refused = new Set<string>();
	const seen = new Set<string>();

	const server = createServer((incoming, outgoing) => {
		const chunks: Buffer[] = [];
		incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
		incoming.on("end", () => {
			const body = Buffer.concat(chunks);
			const operation = operationOf(incoming, body);
			seen.add(operation);
			if (pattern?.test(operation) && !refused.has(operation)) {
				refused.add(operation);
				refuse(operation, outgoing);
			} else {
				forward(target, incoming, body, outgoing);
			}
		});
	});
	await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

	return {
		endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		refused,
		seen,
		refuseOnce(next) {
			pattern = next;
			refused.clear();
		},
		refuseNothing() {
			pattern = undefined;
		},
		stop: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

/**
 * A name for the operation that a request asks for: the service, then the operation if the protocol names it, otherwise
 * the method and the path without its ids and its version.
 */
function operationOf(incoming: IncomingMessage, body: Buffer): string {
	const service = /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(incoming.headers.authorization ?? "")?.[1] ?? "";
	const target = incoming.headers["x-amz-target"];
	if (typeof target === "string") return `${service} ${target.split(".").at(-1)}`;
	const action = /(?:^|&)Action=(\w+)/.exec(body.toString())?.[1];
	if (action !== undefined) return `${service} ${action}`;
	if (service === "s3") return s3OperationOf(incoming);
	const path = (incoming.url ?? "").split("?")[0]?.split("/").filter(Boolean).slice(1) ?? [];
	const kinds = path.filter((_part, index) => index % 2 === 0);
	return `${service} ${incoming.method} ${kinds.join("/")}`;
}

/** `s3 PUT bucket ?versioning`, `s3 PUT object`: the bucket is the first part of the path, and a parameter names the subject. */
function s3OperationOf(incoming: IncomingMessage): string {
	const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://localhost");
	const kind = pathname.split("/").filter(Boolean).length > 1 ? "object" : "bucket";
	const subject = [...searchParams.keys()].find((key) => /^[a-zA-Z-]+$/.test(key) && !/^x-id$|^versionId$/.test(key));
	return `s3 ${incoming.method} ${kind}${subject === undefined ? "" : ` ?${subject}`}`;
}

function refuse(operation: string, outgoing: ServerResponse): void {
	if (operation.startsWith("iam ")) {
		outgoing.writeHead(403, { "content-type": "text/xml" });
		const error = `<Type>Sender</Type><Code>AccessDenied</Code><Message>${REFUSAL}: ${operation}</Message>`;
		outgoing.end(`<ErrorResponse><Error>${error}</Error><RequestId>none</RequestId></ErrorResponse>`);
	} else {
		const type = "AccessDeniedException";
		outgoing.writeHead(403, { "content-type": "application/json", "x-amzn-errortype": type });
		outgoing.end(JSON.stringify({ __type: type, message: `${REFUSAL}: ${operation}` }));
	}
}

function forward(target: string, incoming: IncomingMessage, body: Buffer, outgoing: ServerResponse): void {
	// The headers stay as they are, the host too: the request's signature covers them.
	const { method, headers } = incoming;
	const onward = request(new URL(incoming.url ?? "/", target), { method, headers }, (answer) => {
		outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
		answer.pipe(outgoing);
	});
	onward.on("error", (error) => outgoing.destroy(error));
	onward.end(body);
}
