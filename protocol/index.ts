/** The wire protocol: the common ground of server, local gateway and client. docs/protocol.md is its user's version. */
export * from "./codes.ts";
export * from "./frame-types.ts";
export * from "./frames.ts";
export * from "./ids.ts";
export * from "./limits.ts";
export * from "./parse.ts";
export * from "./write.ts";
