#!/usr/bin/env node
// The command line in a clone. The package that npm installs is built already: scripts/build-cli.mjs.
import { start } from "../scripts/bundled.mjs";

await start("cli/main.ts");
