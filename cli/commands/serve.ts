import type { ForwardingCommand } from "../command-line/command.ts";

/** Its options are the settings of the local server, and `npm start` takes the same ones. */
export const serve: ForwardingCommand = {
	name: "serve",
	summary: "Runs the signaling server on this machine, with the page to try it.",
	async forward(args, program) {
		const local = await import("../../local/serve.ts");
		await local.serve(args, program);
	},
};
