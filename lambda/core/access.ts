/** Who may connect. */
import type { Settings } from "./ports.ts";

/**
 * Whether a page of this origin may connect. A rule is `*` (any), an exact origin, or `https://*.example.com`, which
 * stands for every subdomain of any depth and not for `https://example.com` itself.
 * @param origin the Origin header, undefined where the client sent none
 */
export function originAllowed(origin: string | undefined, settings: Settings): boolean {
	if (origin === undefined) return settings.allowMissingOrigin;
	const actual = origin.toLowerCase();
	return settings.allowedOrigins.some((rule) => originMatches(actual, rule.toLowerCase()));
}

function originMatches(origin: string, rule: string): boolean {
	if (rule === "*" || rule === origin) return true;
	const wildcard = rule.indexOf("://*.");
	if (wildcard === -1) return false;
	const scheme = rule.slice(0, wildcard + "://".length);
	const suffix = rule.slice(wildcard + "://*".length);
	return origin.startsWith(scheme) && origin.endsWith(suffix) && origin.length > scheme.length + suffix.length;
}
