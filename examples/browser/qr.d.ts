// The generated qr.js has the types of its package.
export { encodeQR } from "qr";
