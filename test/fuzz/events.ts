/** Whole events of API Gateway, with everything that a request to connect can put into them. */
import fc from "fast-check";
import type { GatewayEvent } from "../../lambda/gateway-event.ts";
import { aConnectEvent, aDisconnectEvent } from "../support/events.ts";
import { hostileToken } from "./tokens.ts";

const anyText = fc.oneof(
	fc.string({ unit: "binary-ascii" }),
	fc.constantFrom("", ",", " , ,", "__proto__", "null", "a b", "x".repeat(8_000)),
);

/** `name` in any case. */
const recased = (name: string) =>
	fc
		.array(fc.boolean(), { minLength: name.length, maxLength: name.length })
		.map((upper) => [...name].map((char, at) => (upper[at] ? char.toUpperCase() : char.toLowerCase())).join(""));

const subprotocols = fc
	.array(
		fc.oneof(
			hostileToken.map((token) => `token.${token}`),
			fc.constantFrom("p2pmesh", "token.", "", "a"),
			anyText,
		),
		{
			maxLength: 4,
		},
	)
	.map((offers) => offers.join(", "));

const headerEntry: fc.Arbitrary<[string, string | undefined]> = fc.oneof(
	fc.tuple(recased("origin"), fc.oneof(fc.constantFrom("https://app.example.com", "null"), anyText)),
	fc.tuple(recased("sec-websocket-protocol"), subprotocols),
	fc.tuple(
		fc.constantFrom("Host", "Authorization", "Cookie", "__proto__", "constructor", "X-Forwarded-For"),
		fc.option(anyText, { nil: undefined }),
	),
	fc.tuple(anyText, anyText),
);

const query = fc.array(
	fc.tuple(fc.oneof(fc.constantFrom("token", "Token", "__proto__"), anyText), fc.oneof(hostileToken, anyText)),
	{ maxLength: 3 },
);

/** The event that API Gateway makes of a client's URL and headers. */
export const connectEvent: fc.Arbitrary<GatewayEvent> = fc
	.record({
		headers: fc.option(fc.array(headerEntry, { maxLength: 6 }), { nil: undefined }),
		queryStringParameters: fc.option(query, { nil: undefined }),
		connectedAt: fc.option(fc.constant(Date.UTC(2030, 0, 1)), { nil: undefined }),
	})
	.map(({ headers, queryStringParameters, connectedAt }) => {
		const { headers: _, requestContext, ...event } = aConnectEvent();
		const { connectedAt: __, ...context } = requestContext;
		return {
			...event,
			...(headers && { headers: Object.fromEntries(headers) }),
			...(queryStringParameters && { queryStringParameters: Object.fromEntries(queryStringParameters) }),
			requestContext: { ...context, ...(connectedAt !== undefined && { connectedAt }) },
		};
	});

/** The possible ends of a connection that the handler does not know. */
export const disconnectEvent: fc.Arbitrary<GatewayEvent> = fc
	.record({
		connectionId: fc.oneof(fc.constantFrom("__proto__", "constructor"), fc.base64String()),
		disconnectStatusCode: fc.oneof(fc.constantFrom(-1, 0, 1000, 1006), fc.integer()),
		disconnectReason: anyText,
	})
	.map((requestContext) => aDisconnectEvent({ requestContext }));

const hosts = [
	"app.example.com",
	"app.example.com.evil.test",
	"evil-app.example.com",
	"example.com",
	"example.org",
	"evilexample.org",
	"a.example.org",
	"a.b.example.org",
	"a.example.org.evil.test",
	"example.org.evil.test",
	"xn--exmple-cua.org",
	"127.0.0.1",
];

/** Origins as a browser writes them, of sites with names that look like others. */
export const oddOrigin: fc.Arbitrary<string> = fc
	.tuple(
		fc.constantFrom("https", "http", "wss"),
		fc.oneof(fc.constantFrom(...hosts), fc.domain()),
		fc.constantFrom("", "", ":8443"),
	)
	.map(([scheme, host, port]) => `${scheme}://${host}${port}`);
