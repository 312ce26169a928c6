import { GIGABYTE_SECONDS_PER_INVOCATION, PRICES } from "../prices.ts";

/** What AWS meters, as far as operations of the server move it. */
export interface Units {
	/** Messages that API Gateway bills, in both directions. */
	readonly messages: number;
	readonly invocations: number;
	readonly readUnits: number;
	readonly writeUnits: number;
	/** Bytes that go out to clients. Absent: they are counted elsewhere. */
	readonly bytesOut?: number;
	readonly connectionMinutes?: number;
}

/** The same, item by item of AWS's bill. */
export interface Dollars {
	readonly messages: number;
	readonly connectionMinutes: number;
	readonly invocations: number;
	readonly gigabyteSeconds: number;
	readonly readUnits: number;
	readonly writeUnits: number;
	readonly dataOut: number;
}

export function itemsOf(units: Units): Dollars {
	return {
		messages: units.messages * PRICES.message,
		connectionMinutes: (units.connectionMinutes ?? 0) * PRICES.connectionMinute,
		invocations: units.invocations * PRICES.invocation,
		gigabyteSeconds: units.invocations * GIGABYTE_SECONDS_PER_INVOCATION * PRICES.gigabyteSecond,
		readUnits: units.readUnits * PRICES.readUnit,
		writeUnits: units.writeUnits * PRICES.writeUnit,
		dataOut: ((units.bytesOut ?? 0) / 1e9) * PRICES.gigabyteOut,
	};
}

export function dollarsOf(units: Units): number {
	return Object.values(itemsOf(units)).reduce((sum, item) => sum + item, 0);
}
