/** Rows in aligned columns. Columns of numbers are aligned to the right. */
export function alignedRows(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
	const widths = head.map((title, n) => Math.max(title.length, ...rows.map((row) => row[n]?.length ?? 0)));
	const right = head.map((_title, n) => rows.length > 0 && rows.every((row) => /^[\d,.$<% ]*$/.test(row[n] ?? "")));
	return [head, ...rows].map((row) =>
		row
			.map((cell, n) => (right[n] ? cell.padStart(widths[n] ?? 0) : cell.padEnd(widths[n] ?? 0)))
			.join("  ")
			.trimEnd(),
	);
}

/** 1234567 -> 1,234,567 */
export function grouped(value: number, digits = 0): string {
	return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** A price of an operation, which may be far below a cent. */
export function dollars(value: number): string {
	if (value === 0) return "$0";
	if (value < 0.000_001) return "less than $0.000001";
	return value < 0.01 ? `$${value.toFixed(6)}` : `$${grouped(value, 2)}`;
}
