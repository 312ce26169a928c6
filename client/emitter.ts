/** Events by name, typed by a map from a name to what its listeners are called with. */

export type Listener<Arguments extends readonly unknown[]> = (...values: Arguments) => void;

/** From an event's name to the arguments of its listeners. */
export type EventMap = Record<string, readonly unknown[]>;

export interface Emitter<Events extends { [Name in keyof Events]: readonly unknown[] } = EventMap> {
	/** @returns what takes the listener away again */
	on<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void;
	/** Like `on`, for one call. */
	once<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): () => void;
	/** Takes away a listener of `on` or `once`. */
	off<Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>): void;
	/**
	 * Calls the listeners that are there now, in the order in which they came. What one throws does not keep the others
	 * from being called: it is reported as an uncaught error, like an error in a DOM listener.
	 */
	emit<Name extends keyof Events>(name: Name, ...values: Events[Name]): void;
}

/** @param report takes the errors of listeners. @default an uncaught error of the page or process */
export function createEmitter<Events extends { [Name in keyof Events]: readonly unknown[] }>(
	report: (error: unknown) => void = throwLater,
): Emitter<Events> {
	type Entry = readonly [listener: unknown, call: (values: readonly unknown[]) => void];
	const entries = new Map<keyof Events, readonly Entry[]>();
	const entriesOf = (name: keyof Events) => entries.get(name) ?? [];

	const remove = (name: keyof Events, removed: Entry | undefined) =>
		entries.set(
			name,
			entriesOf(name).filter((entry) => entry !== removed),
		);

	const add = <Name extends keyof Events>(name: Name, listener: Listener<Events[Name]>, once: boolean) => {
		const off = () => void remove(name, entry);
		const entry: Entry = [
			listener,
			(values) => {
				if (once) off();
				listener(...(values as Events[Name]));
			},
		];
		entries.set(name, [...entriesOf(name), entry]);
		return off;
	};

	return {
		on: (name, listener) => add(name, listener, false),
		once: (name, listener) => add(name, listener, true),
		off(name, listener) {
			remove(
				name,
				entriesOf(name).find(([other]) => other === listener),
			);
		},
		emit(name, ...values) {
			for (const [, call] of entriesOf(name)) {
				try {
					call(values);
				} catch (error) {
					report(error);
				}
			}
		},
	};
}

function throwLater(error: unknown): void {
	queueMicrotask(() => {
		throw error;
	});
}
