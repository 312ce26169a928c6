/**
 * The exit code of a check that could not look, for a reason that lies outside the project: a registry without advisories,
 * a program that this machine cannot get. scripts/check.mjs counts it apart from what passed and what failed.
 *
 * 69 is EX_UNAVAILABLE in sysexits.h; no tool that the checks start uses it.
 */
export const NOT_RUN = 69;
