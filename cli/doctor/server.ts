import { randomBytes } from "node:crypto";
import { Conversation } from "../smoke/conversation.ts";
import { aRoom, converse } from "../smoke/converse.ts";
import { Report } from "../smoke/report.ts";
import { StepError } from "../smoke/step-error.ts";
import { type Check, failed, notRun, ok, type World } from "./check.ts";

const optionsOf = ({ deployment: { url = "" }, origin, timeoutMs }: World) => ({ url, origin, timeoutMs });

export const handshake: Check = {
	name: "Handshake",
	needs: ["TLS"],
	async look(world) {
		if (world.deployment.url === undefined) return notRun("no URL was given");
		const talk = new Conversation(optionsOf(world));
		const report = new Report(() => {});
		try {
			await report.step("", () => talk.connect("A", randomBytes(20).toString("hex")));
			return ok(`a WebSocket opened in ${report.totalMs} ms`);
		} catch (error) {
			if (!(error instanceof StepError)) throw error;
			return failed(error.came, error.hint);
		} finally {
			talk.end();
		}
	},
};

export const conversation: Check = {
	name: "Conversation",
	needs: ["Handshake"],
	async look(world) {
		const report = new Report(() => {});
		try {
			await converse({ ...optionsOf(world), room: aRoom() }, report);
			return ok(`two peers met, signaled and left: ${report.passed()}`);
		} catch (error) {
			if (!(error instanceof StepError)) throw error;
			const step = report.steps.at(-1)?.title;
			return failed(`"${step}" failed. Expected ${error.expected}; got ${error.came}`, error.hint);
		}
	},
};
