type Results<T extends readonly unknown[]> = { -readonly [K in keyof T]: Awaited<T[K]> };

/**
 * Waits for all promises, even if one of them fails, and then fails as the first of them did. Promise.all would go on at
 * once. A function freezes when it has answered, and the rest of the work would go on in the middle of a later invocation.
 * If nothing is to be waited for, the results are there at once.
 */
export function all<const T extends readonly unknown[]>(work: T): Results<T> | Promise<Results<T>> {
	if (!work.some((item) => item instanceof Promise)) return work as Results<T>;
	return new Promise((resolve, reject) => {
		const results: unknown[] = new Array(work.length);
		let left = work.length;
		let failedAt = Number.POSITIVE_INFINITY;
		let failure: unknown;
		const end = () => {
			if (failedAt === Number.POSITIVE_INFINITY) resolve(results as Results<T>);
			else reject(failure);
		};
		work.forEach((item, at) => {
			if (!(item instanceof Promise)) {
				results[at] = item;
				if (--left === 0) end();
				return;
			}
			item.then(
				(value) => {
					results[at] = value;
					if (--left === 0) end();
				},
				(error: unknown) => {
					if (at < failedAt) [failedAt, failure] = [at, error];
					if (--left === 0) end();
				},
			);
		});
	});
}
