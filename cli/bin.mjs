#!/usr/bin/env node
// The command line in a clone: `npx p2pmesh-signaling`. The package that npm installs is built, and needs no loader.
import { register } from "tsx/esm/api";

register();
await import("./main.ts");
