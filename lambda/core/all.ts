/**
 * Waits for all, also where one of them fails, and then fails as the first of them did. Promise.all would go on at once,
 * and what still runs when a function has answered freezes with it, to go on in the midst of some later invocation.
 */
export async function all<const T extends readonly unknown[]>(
	work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
	await Promise.allSettled(work);
	return Promise.all(work) as Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>;
}
