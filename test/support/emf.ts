/**
 * Checks a line by the specification of CloudWatch's embedded metric format, and reads the metrics that CloudWatch would make
 * of it. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

/** The units of a metric, as the specification's schema lists them. */
const UNITS = new Set([
	...["Seconds", "Microseconds", "Milliseconds", "Percent", "Count", "None"],
	...["Bytes", "Kilobytes", "Megabytes", "Gigabytes", "Terabytes"].flatMap((unit) => [unit, `${unit}/Second`]),
	...["Bits", "Kilobits", "Megabits", "Gigabits", "Terabits"].flatMap((unit) => [unit, `${unit}/Second`]),
	"Count/Second",
]);

const MAX_METRICS = 100;
const MAX_VALUES = 100;
const MAX_DIMENSIONS = 30;
const MAX_TEXT = 1024;
const MAX_LINE_BYTES = 1_048_576;
/** CloudWatch takes no metric that is older, or that is further in the future. */
const OLDEST_MS = 14 * 24 * 3_600_000;
const LATEST_MS = 2 * 3_600_000;

type Json = Readonly<Record<string, unknown>>;

export interface EmfMetric {
	readonly namespace: string;
	readonly dimensions: Readonly<Record<string, string>>;
	readonly name: string;
	readonly unit: string;
	readonly values: readonly number[];
}

/** @returns the faults of the line as sentences. None: CloudWatch takes it. */
export function emfFaults(line: string, now: number): string[] {
	if (Buffer.byteLength(line) > MAX_LINE_BYTES) return ["The line is larger than 1 MB."];
	const root = JSON.parse(line) as Json;
	const faults: string[] = [];
	const check = (holds: boolean, fault: string) => {
		if (!holds) faults.push(fault);
	};

	const aws = root._aws as Json | undefined;
	if (!isObject(aws)) return ["There is no _aws."];
	check(onlyHas(aws, ["Timestamp", "CloudWatchMetrics"]), "_aws has a member that the format does not know.");
	const at = aws.Timestamp as number;
	check(Number.isInteger(at) && at >= now - OLDEST_MS && at <= now + LATEST_MS, `Timestamp is ${at}.`);
	const directives = aws.CloudWatchMetrics;
	if (!Array.isArray(directives) || directives.length === 0) return [...faults, "There is no directive."];
	for (const directive of directives as Json[]) checkDirective(directive, root, check);
	return faults;
}

function checkDirective(directive: Json, root: Json, check: (holds: boolean, fault: string) => void): void {
	check(
		onlyHas(directive, ["Namespace", "Dimensions", "Metrics"]),
		"A directive has a member that the format does not know.",
	);
	check(isText(directive.Namespace), `Namespace is ${directive.Namespace}.`);

	const sets = directive.Dimensions as unknown[][];
	check(Array.isArray(sets) && sets.length > 0, "There is no set of dimensions.");
	for (const set of sets ?? []) {
		check(Array.isArray(set) && set.length <= MAX_DIMENSIONS, `The dimensions are ${JSON.stringify(set)}.`);
		for (const name of set) {
			check(isText(name) && isText(root[name as string]), `The dimension ${name} has no text as its value.`);
		}
	}

	const metrics = directive.Metrics as Json[];
	check(
		Array.isArray(metrics) && metrics.length > 0 && metrics.length <= MAX_METRICS,
		"There are no metrics, or too many.",
	);
	check(new Set(metrics.map(({ Name }) => Name)).size === metrics.length, "A metric is named twice.");
	for (const { Name, Unit = "None", StorageResolution = 60, ...rest } of metrics) {
		check(isText(Name), `A metric's name is ${Name}.`);
		check(UNITS.has(Unit as string), `The unit of ${Name} is ${Unit}.`);
		check(StorageResolution === 60 || StorageResolution === 1, `The resolution of ${Name} is ${StorageResolution}.`);
		check(Object.keys(rest).length === 0, `${Name} has a member that the format does not know.`);
		const values = [root[Name as string]].flat();
		check(values.length > 0 && values.length <= MAX_VALUES, `${Name} has ${values.length} values.`);
		check(values.every(Number.isFinite), `${Name} has a value that is no number.`);
	}
}

/** The metrics in a line that has no faults. */
export function emfMetrics(line: string): EmfMetric[] {
	const root = JSON.parse(line) as Json;
	const { CloudWatchMetrics } = root._aws as { CloudWatchMetrics: Json[] };
	return CloudWatchMetrics.flatMap(({ Namespace, Dimensions, Metrics }) =>
		(Dimensions as string[][]).flatMap((set) =>
			(Metrics as Json[]).map(({ Name, Unit }) => ({
				namespace: Namespace as string,
				dimensions: Object.fromEntries(set.map((name) => [name, root[name] as string])),
				name: Name as string,
				unit: Unit as string,
				values: [root[Name as string]].flat() as number[],
			})),
		),
	);
}

function isObject(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function onlyHas(object: Json, members: readonly string[]): boolean {
	return Object.keys(object).every((member) => members.includes(member));
}

function isText(value: unknown): value is string {
	return (
		typeof value === "string" &&
		value.length >= 1 &&
		value.length <= MAX_TEXT &&
		/^[\x20-\x7e]*\S[\x20-\x7e]*$/.test(value)
	);
}
