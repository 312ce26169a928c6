/** What a call gives that has nothing to wait for. */
export const DONE = Promise.resolve();

/** Many callers do not look at the promise. That must not end a Node.js program. */
export function heedless<Value>(promise: Promise<Value>): Promise<Value> {
	promise.catch(() => {});
	return promise;
}
