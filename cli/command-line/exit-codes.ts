/** The exit codes of every command. docs/cli.md lists them. */
export const EXIT = {
	/** The command did its work, and the answer is good. */
	ok: 0,
	/** The command did its work, and the answer is bad: a step failed, a check found a fault, there is no such peer. */
	bad: 1,
	/** The command line is wrong, or lacks a consent. */
	usage: 2,
	/** The command could not do its work: no credentials, no permission, no network, no table. */
	unable: 3,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
