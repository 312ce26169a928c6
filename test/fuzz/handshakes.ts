/** Requests to connect, by hand: headers left out, repeated, in odd cases, huge, of odd characters, and cut short. */
import fc from "fast-check";
import { hostileToken } from "./tokens.ts";

export interface Handshake {
	readonly method: string;
	readonly target: string;
	/** All the lines after the first. */
	readonly lines: readonly string[];
	readonly bytes: Buffer;
	/** Whether it asks for a WebSocket at all. Else it may be answered as any request for a page. */
	readonly upgrades: boolean;
	/** Whether the end is missing, so that no answer can be expected. */
	readonly unfinished: boolean;
	/** How a failure shows it. */
	readonly [fc.toStringMethod]: () => string;
}

const latin1 = fc.string({ unit: "binary-ascii", maxLength: 30 });
/** Without the characters that end a line, which would make it another header. */
const inLine = latin1.map((text) => text.replace(/[\r\n]/g, "\t"));
const huge = fc.constantFrom(1_000, 7_000, 17_000, 70_000).map((length) => "x".repeat(length));

const token = hostileToken.map((text) =>
	Buffer.from(text)
		.toString("latin1")
		.replace(/[\r\n\0]/g, ""),
);

const target = fc.oneof(
	{ weight: 4, arbitrary: fc.constantFrom("/", "/", "/?", "/prod") },
	{ weight: 3, arbitrary: token.map((text) => `/?token=${encodeURIComponent(text)}`) },
	{
		weight: 2,
		arbitrary: fc.constantFrom(
			"//",
			"//evil.test/x",
			"*",
			"/%",
			"/?%zz=%",
			"/?token",
			"/?token=a&token=b",
			"/?__proto__=1&constructor=2",
			"/../../etc/passwd",
			"http://[/",
			"http://evil.test/",
			"/healthz",
			"/@connections/%ZZ",
			"/@connections/abc=",
			"/\xff",
		),
	},
	{ weight: 2, arbitrary: inLine.map((text) => `/${text.replace(/\s/g, "+")}`) },
	{ weight: 1, arbitrary: huge.map((text) => `/?token=${text}`) },
);

const needed: readonly (readonly [string, string])[] = [
	["Host", "127.0.0.1"],
	["Connection", "Upgrade"],
	["Upgrade", "websocket"],
	["Sec-WebSocket-Version", "13"],
	["Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="],
];

const oddValues: Readonly<Record<string, readonly string[]>> = {
	Host: ["", "a b", "[::1", "evil.test", "\xff"],
	Connection: ["keep-alive, Upgrade", "upgrade", "close", "", "Upgrade, , Upgrade"],
	Upgrade: ["WebSocket", "h2c", "websocket, h2c", "", "websocket/13"],
	"Sec-WebSocket-Version": ["8", "7", "0", "-13", "13, 8", "1e1", "", "NaN", "0x0d"],
	"Sec-WebSocket-Key": ["", "a", "=".repeat(24), "A".repeat(22), "A".repeat(10_000), "dGhlIHNhbXBsZSBub25jZQ== "],
};

const changedCase = (name: string, how: number) =>
	how === 0 ? name : how === 1 ? name.toLowerCase() : how === 2 ? name.toUpperCase() : name.replace("e", "E");

/** One of the headers that are needed: mostly as it should be. */
const neededLines = ([name, value]: readonly [string, string]): fc.Arbitrary<string[]> =>
	fc
		.tuple(
			fc.nat(3),
			fc.oneof(
				{ weight: 120, arbitrary: fc.constant([value]) },
				{ weight: 1, arbitrary: fc.constant([]) },
				{ weight: 1, arbitrary: fc.constant([value, value]) },
				{ weight: 2, arbitrary: fc.constantFrom(...(oddValues[name] ?? [])).map((odd) => [odd]) },
				{ weight: 1, arbitrary: inLine.map((odd) => [odd]) },
			),
		)
		.map(([how, values]) => values.map((each) => `${changedCase(name, how)}: ${each}`));

const subprotocol = fc.oneof(
	token.map((text) => `token.${text}`),
	fc.constantFrom("p2pmesh", "a", "", " ", "token.", "a b", "(", '"a"', "\xe9"),
	inLine,
);

const moreLines: fc.Arbitrary<string[]> = fc.oneof(
	fc
		.constantFrom("https://app.example.com", "null", "", "file://", "https://[", "\xff")
		.map((origin) => [`Origin: ${origin}`]),
	inLine.map((origin) => [`oRIGIN: ${origin}`, "Origin: https://app.example.com"]),
	fc.array(subprotocol, { maxLength: 4 }).map((offers) => [`Sec-WebSocket-Protocol: ${offers.join(", ")}`]),
	fc
		.tuple(subprotocol, subprotocol)
		.map(([one, other]) => [`Sec-WebSocket-Protocol: ${one}`, `sec-websocket-protocol: ${other}`]),
	fc
		.constantFrom("permessage-deflate", "permessage-deflate; client_max_window_bits=99", "x; y=", ",,", "\xff")
		.map((offer) => [`Sec-WebSocket-Extensions: ${offer}`]),
	fc
		.tuple(fc.constantFrom("Cookie", "Authorization", "__proto__", "constructor", "X-A"), fc.oneof(inLine, huge))
		.map(([name, value]) => [`${name}: ${value}`]),
	fc.nat(300).map((count) => Array.from({ length: count }, (_, n) => `X-${n}: ${n}`)),
	fc
		.constantFrom("Content-Length: 5", "Content-Length: -1", "Transfer-Encoding: chunked", " folded", "no colon")
		.map((line) => [line]),
	latin1.map((text) => [text]),
);

export const handshake: fc.Arbitrary<Handshake> = fc
	.record({
		method: fc.oneof(
			{ weight: 30, arbitrary: fc.constant("GET") },
			{ weight: 1, arbitrary: fc.constantFrom("POST", "HEAD", "OPTIONS", "CONNECT", "PRI", "get", "") },
		),
		target,
		version: fc.oneof(
			{ weight: 30, arbitrary: fc.constant("HTTP/1.1") },
			{ weight: 1, arbitrary: fc.constantFrom("HTTP/1.0", "HTTP/2.0", "HTTP/9", "") },
		),
		lines: fc
			.tuple(fc.tuple(...needed.map(neededLines)), fc.array(moreLines, { maxLength: 2 }))
			.map(([own, more]) => [...own.flat(), ...more.flat()]),
		lineEnd: fc.oneof({ weight: 30, arbitrary: fc.constant("\r\n") }, { weight: 1, arbitrary: fc.constant("\n") }),
		kept: fc.oneof(
			{ weight: 12, arbitrary: fc.constant(1) },
			{ weight: 1, arbitrary: fc.double({ min: 0, max: 0.999, noNaN: true }) },
		),
	})
	.map(({ method, target, version, lines, lineEnd, kept }) => {
		const text = [`${method} ${target} ${version}`, ...lines, "", ""].join(lineEnd);
		const bytes = Buffer.from(text, "latin1");
		return {
			method,
			target,
			lines,
			upgrades:
				lines.some((line) => /^upgrade:\s*\S/i.test(line)) && lines.some((line) => /^connection:.*upgrade/i.test(line)),
			bytes: bytes.subarray(0, Math.floor(bytes.length * kept)),
			unfinished: kept < 1,
			[fc.toStringMethod]: () => JSON.stringify(text),
		};
	});
