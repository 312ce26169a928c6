/** Certificates of any dates, which no library that is here can make: X.509 in DER, https://www.rfc-editor.org/rfc/rfc5280 */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";

const SEQUENCE = 0x30;
const SET = 0x31;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const OBJECT_ID = 0x06;
const TEXT = 0x0c;
const TIME = 0x18;
/** A field that is told by its number. */
const field = (n: number) => 0xa0 + n;
const DNS_NAME = 0x82;

function der(tag: number, ...parts: readonly (Uint8Array | string)[]): Buffer {
	const content = Buffer.concat(parts.map((part) => Buffer.from(part)));
	const bytes = content.length < 128 ? [] : [...Buffer.from(content.length.toString(16).padStart(4, "0"), "hex")];
	const length = bytes.length === 0 ? [content.length] : [0x80 + bytes.length, ...bytes];
	return Buffer.concat([Buffer.from([tag, ...length]), content]);
}

const ECDSA_WITH_SHA256 = der(SEQUENCE, der(OBJECT_ID, Buffer.from("2a8648ce3d040302", "hex")));
const COMMON_NAME = der(OBJECT_ID, Buffer.from("550403", "hex"));
const SUBJECT_ALT_NAME = der(OBJECT_ID, Buffer.from("551d11", "hex"));

export interface CertificateOptions {
	/** The name in the DNS that it is for. */
	readonly host: string;
	readonly from: Date;
	readonly until: Date;
}

/** A certificate that signs itself, so that it is its own authority. */
export function aCertificate({ host, from, until }: CertificateOptions): { cert: string; key: string } {
	const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
	const time = (date: Date) => der(TIME, `${date.toISOString().replace(/\D/g, "").slice(0, 14)}Z`);
	const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, der(TEXT, host))));
	const names = der(OCTET_STRING, der(SEQUENCE, der(DNS_NAME, host)));
	const body = der(
		SEQUENCE,
		der(field(0), der(INTEGER, Buffer.from([2]))),
		der(INTEGER, Buffer.concat([Buffer.from([1]), randomBytes(8)])),
		ECDSA_WITH_SHA256,
		name,
		der(SEQUENCE, time(from), time(until)),
		name,
		publicKey.export({ type: "spki", format: "der" }),
		der(field(3), der(SEQUENCE, der(SEQUENCE, SUBJECT_ALT_NAME, names))),
	);
	const signature = der(BIT_STRING, Buffer.from([0]), sign("sha256", body, privateKey));
	const base64 = der(SEQUENCE, body, ECDSA_WITH_SHA256, signature).toString("base64");
	return {
		cert: `-----BEGIN CERTIFICATE-----\n${base64.replace(/(.{64})/g, "$1\n")}\n-----END CERTIFICATE-----\n`,
		key: privateKey.export({ type: "pkcs8", format: "pem" }) as string,
	};
}
