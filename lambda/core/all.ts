/**
 * Waits for all promises, even if one of them fails, and then fails as the first of them did. Promise.all would go on at
 * once. A function freezes when it has answered, and the rest of the work would go on in the middle of a later invocation.
 */
export async function all<const T extends readonly unknown[]>(
	work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
	await Promise.allSettled(work);
	return Promise.all(work) as Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }>;
}
