/** A line chart as SVG, legible on a light page and on a dark one. */

export interface Line {
	readonly label: string;
	/** One per unit of the x axis, from 0 on; each from 0 to 1. */
	readonly values: readonly number[];
}

const WIDTH = 860;
const HEIGHT = 400;
const PLOT = { left: 76, right: 560, top: 62, bottom: 336 };
const LABEL_HEIGHT = 20;
const LABEL_GAP = 26;

/** Colours of Okabe and Ito, which colour-blind readers can tell apart, on light and on dark; and dashes for print. */
const STROKES = [
	{ light: "#0072b2", dark: "#56b4e9", dashes: "" },
	{ light: "#a34700", dark: "#e69f00", dashes: "8 3" },
	{ light: "#00785a", dark: "#2fc79a", dashes: "2 3" },
	{ light: "#555555", dark: "#bbbbbb", dashes: "9 3 2 3" },
];

const stylesheet = (scheme: "light" | "dark") => {
	const [panel, edge, text, grid, band] =
		scheme === "light"
			? ["#ffffff", "#d0d7de", "#1f2328", "#d8dee4", "#eff1f4"]
			: ["#161b22", "#30363d", "#e6edf3", "#30363d", "#222933"];
	return [
		`.panel{fill:${panel};stroke:${edge}}.band{fill:${band}}.grid{stroke:${grid}}text{fill:${text}}`,
		...STROKES.map((stroke, i) => `.line${i}{stroke:${stroke[scheme]}}.label${i}{fill:${stroke[scheme]}}`),
	].join("");
};

/** A part of the x axis that is marked. */
export interface Band {
	readonly from: number;
	readonly to: number;
	readonly label: string;
}

/** @param lines at most four; the first is drawn on top, and bold */
export function lineChart(title: string, xTitle: string, yTitle: string, lines: readonly Line[], band?: Band): string {
	const last = Math.max(...lines.map((line) => line.values.length)) - 1;
	const x = (value: number) => round(PLOT.left + (value / last) * (PLOT.right - PLOT.left));
	const y = (share: number) => round(PLOT.bottom - share * (PLOT.bottom - PLOT.top));
	const text = (left: number, top: number, content: string, attributes = "") =>
		`<text x="${left}" y="${top}" ${attributes}>${escapeXml(content)}</text>`;

	const marked =
		band === undefined
			? []
			: [
					`<rect class="band" x="${x(band.from)}" y="${PLOT.top}" width="${round(x(band.to) - x(band.from))}" height="${PLOT.bottom - PLOT.top}"/>`,
					text(round((x(band.from) + x(band.to)) / 2), PLOT.top - 8, band.label, 'text-anchor="middle"'),
				];
	const yAxis = [0, 0.25, 0.5, 0.75, 1].map(
		(share) =>
			`<line class="grid" x1="${PLOT.left}" y1="${y(share)}" x2="${PLOT.right}" y2="${y(share)}"/>` +
			text(PLOT.left - 10, y(share) + 5, `${share * 100} %`, 'text-anchor="end"'),
	);
	const xAxis = Array.from({ length: Math.floor(last / 5) + 1 }, (_, i) =>
		text(x(i * 5), PLOT.bottom + 22, String(i * 5), 'text-anchor="middle"'),
	);
	const titles = [
		text(PLOT.left, 32, title, 'font-size="17" font-weight="600"'),
		text((PLOT.left + PLOT.right) / 2, PLOT.bottom + 46, xTitle, 'text-anchor="middle"'),
		`<g transform="translate(22 ${(PLOT.top + PLOT.bottom) / 2}) rotate(-90)">${text(0, 0, yTitle, 'text-anchor="middle"')}</g>`,
	];

	const ends = lines.map((line) => y(line.values.at(-1) ?? 0));
	const labelTops = spreadOut(ends);
	const drawn = lines.map(({ label, values }, i) => {
		const points = values.map((share, at) => `${x(at)},${y(share)}`).join(" ");
		const dashes = STROKES[i]?.dashes ? ` stroke-dasharray="${STROKES[i].dashes}"` : "";
		const leader = `M${PLOT.right + 4} ${ends[i]}L${PLOT.right + LABEL_GAP - 5} ${labelTops[i]}`;
		return (
			`<polyline class="line${i}" points="${points}" fill="none" stroke-width="${i === 0 ? 3.5 : 2}"${dashes}/>` +
			`<path class="line${i}" d="${leader}" fill="none" stroke-width="1"/>` +
			text(
				PLOT.right + LABEL_GAP,
				(labelTops[i] ?? 0) + 5,
				label,
				`class="label${i}" font-weight="${i === 0 ? 600 : 400}"`,
			)
		);
	});

	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${escapeXml(title)}"`,
		` font-family="-apple-system,'Segoe UI',Helvetica,Arial,sans-serif" font-size="14">`,
		`<style>${stylesheet("light")}@media (prefers-color-scheme:dark){${stylesheet("dark")}}</style>`,
		`<rect class="panel" x="0.5" y="0.5" width="${WIDTH - 1}" height="${HEIGHT - 1}" rx="8"/>`,
		...marked,
		...yAxis,
		...xAxis,
		...titles,
		...drawn.reverse(),
		"</svg>\n",
	].join("\n");
}

/** Moves overlapping labels apart: upwards from the lowest. */
function spreadOut(wanted: readonly number[]): number[] {
	const lowestFirst = [...wanted.keys()].sort((a, b) => (wanted[b] ?? 0) - (wanted[a] ?? 0));
	const placed: number[] = [];
	let ceiling = Number.POSITIVE_INFINITY;
	for (const i of lowestFirst) {
		const top = Math.min(wanted[i] ?? 0, ceiling - LABEL_HEIGHT);
		placed[i] = top;
		ceiling = top;
	}
	// With many labels at the top that is too far: the highest stays at the top of the plot, and pushes the others down.
	let floor = PLOT.top - LABEL_HEIGHT;
	for (const i of lowestFirst.reverse()) floor = placed[i] = Math.max(placed[i] ?? 0, floor + LABEL_HEIGHT);
	return placed;
}

const round = (value: number) => Math.round(value * 10) / 10;

const escapeXml = (text: string) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);
