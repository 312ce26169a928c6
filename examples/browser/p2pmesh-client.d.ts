// The types of the generated p2pmesh-client.js are those of its sources.
export * from "../../client/index.ts";
