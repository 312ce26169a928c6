/**
 * Looks again and again until `probe` gives something.
 * @throws where it does not within 10 s
 */
export async function eventually<T>(probe: () => T | undefined | false): Promise<T> {
	for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
		const value = probe();
		if (value) return value;
		await new Promise((resolve) => setTimeout(resolve, 5));
	}
	throw new Error(`It did not happen: ${probe}`);
}
