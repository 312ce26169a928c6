/** How the tables write numbers. */

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
export const mean = (values: readonly number[]) => sum(values) / values.length;
/** Rounded down, so that 100 % means all. */
export const percent = (share: number) => `${Math.floor(share * 1_000) / 10} %`;
/** @param digits after the point, at most */
export const count = (value: number, digits = 0) => value.toLocaleString("en-US", { maximumFractionDigits: digits });
