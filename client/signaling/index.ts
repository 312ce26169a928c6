export { createSession } from "./create-session.ts";
export type { SessionOptions } from "./presence.ts";
export type * from "./session.ts";
export { signalingUrl, type TransportOptions } from "./url.ts";
