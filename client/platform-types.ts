/**
 * The browser's types that the options need, written out: a Node.js program that imports the client compiles without
 * TypeScript's `lib: dom`. The browser's own types fit.
 */

/** https://www.w3.org/TR/webrtc/#rtciceserver-dictionary */
export interface IceServer {
	readonly urls: string | readonly string[];
	readonly username?: string | undefined;
	readonly credential?: string | undefined;
}

/** https://www.w3.org/TR/webrtc/#rtcconfiguration-dictionary */
export interface RtcConfig {
	readonly bundlePolicy?: "balanced" | "max-bundle" | "max-compat";
	readonly certificates?: readonly object[];
	readonly iceCandidatePoolSize?: number;
	readonly iceServers?: readonly IceServer[];
	readonly iceTransportPolicy?: "all" | "relay";
	readonly rtcpMuxPolicy?: "require";
}

/** A CryptoKeyPair of any platform. */
export interface KeyPair {
	readonly privateKey: object;
	readonly publicKey: object;
}

/** An AbortSignal of any platform. */
export interface AbortSignalLike {
	readonly aborted: boolean;
	readonly reason?: unknown;
	addEventListener(type: "abort", listener: () => void): void;
	removeEventListener(type: "abort", listener: () => void): void;
}

/** A ReadableStream of bytes; to TypeScript the platform's own, if it knows that. */
export type ByteStream = BytesToRead &
	(typeof globalThis extends { ReadableStream: new (...values: never[]) => infer Stream } ? Stream : unknown);

interface BytesToRead extends AsyncIterable<Uint8Array> {
	getReader(): {
		read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
		cancel(reason?: unknown): Promise<void>;
		releaseLock(): void;
	};
	cancel(reason?: unknown): Promise<void>;
}
