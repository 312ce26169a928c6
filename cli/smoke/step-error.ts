/** A step did not go as it should. */
export class StepError extends Error {
	override readonly name = "StepError";
	readonly expected: string;
	readonly came: string;
	/** What to do about it. */
	readonly hint: string | undefined;

	constructor(expected: string, came: string, hint?: string) {
		super(`Expected ${expected}; got ${came}`);
		this.expected = expected;
		this.came = came;
		this.hint = hint;
	}
}
