// The generated sha256.js has the types of its package.
export { sha256 } from "@noble/hashes/sha2.js";
