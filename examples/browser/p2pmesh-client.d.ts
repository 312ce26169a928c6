// The generated p2pmesh-client.js has the same types as its sources.
export * from "../../client/index.ts";
