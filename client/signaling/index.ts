export { createSession, type SessionOptions } from "./create-session.ts";
export type * from "./session.ts";
export { signalingUrl, type TransportOptions } from "./url.ts";
