/** The table "what one attacker can cost per hour" of docs/costs.md. */
import { replaceBetweenMarkers, table } from "../report.ts";
import {
	type Attack,
	attacksAtTheDoor,
	attacksWithin,
	costliestHour,
	dollarsPerHour,
	limitsBefore,
	limitsOf,
} from "./bill.ts";

const money = (dollars: number) => dollars.toFixed(2);
const rate = (perSecond: number) => String(Math.round(perSecond));

export function billTable(): string {
	const now = limitsOf();
	const before = attacksWithin(limitsBefore());
	const after = attacksWithin(now);
	const rows = after.map((attack, n) => {
		const earlier = before[n] as Attack;
		return [
			attack.name,
			rate(earlier.perSecond),
			money(dollarsPerHour(earlier)),
			rate(attack.perSecond),
			money(dollarsPerHour(attack)),
		];
	});
	const all = [
		"**all of it**, within the stage's throttle",
		"",
		money(costliestHour(limitsBefore())),
		"",
		money(costliestHour(now)),
	];
	const door = [true, false].map((billed) => {
		const [attack] = attacksAtTheDoor(now, billed) as [Attack];
		return [
			`a stranger, with \`jwt\` and \`auth_at_connect\`, if a refused handshake is ${billed ? "billed as a message" : "no message"}`,
			"",
			"",
			rate(attack.perSecond),
			money(dollarsPerHour(attack)),
		];
	});
	return table(
		[
			"one machine, at the defaults",
			"a second, without limits of a source",
			"$ per hour",
			"a second, now",
			"$ per hour",
		],
		[...rows, all, ...door],
	);
}

export async function run(): Promise<void> {
	const bill = billTable();
	console.log(bill);
	replaceBetweenMarkers("docs/costs.md", "abuse", bill);
}
