export interface StepResult {
	readonly title: string;
	readonly passed: boolean;
	readonly ms: number;
}

interface Timing<T> {
	/** When the step began. @default now */
	readonly since?: number;
	/** When it ended. @default when its promise was fulfilled */
	readonly until?: (value: T) => number;
}

/** Runs steps, and tells of each as it ends. */
export class Report {
	readonly steps: StepResult[] = [];
	readonly #startedAt = performance.now();
	readonly #tell: (step: StepResult) => void;

	constructor(tell: (step: StepResult) => void) {
		this.#tell = tell;
	}

	async step<T>(title: string, act: () => Promise<T>, timing: Timing<T> = {}): Promise<T> {
		const { since = performance.now(), until = () => performance.now() } = timing;
		const note = (passed: boolean, endedAt: number) => {
			const step = { title, passed, ms: Math.round(endedAt - since) };
			this.steps.push(step);
			this.#tell(step);
		};
		try {
			const value = await act();
			note(true, until(value));
			return value;
		} catch (error) {
			note(false, performance.now());
			throw error;
		}
	}

	get totalMs(): number {
		return Math.round(performance.now() - this.#startedAt);
	}

	/** `14 steps in 412 ms` */
	passed(): string {
		return `${this.steps.filter(({ passed }) => passed).length} steps in ${this.totalMs} ms`;
	}
}
