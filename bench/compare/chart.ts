/** The comparison as a bar chart in SVG: small panels side by side, legible on a light page and on a dark one. */
import { BARE, INTRODUCING, OURS } from "./contestants.ts";
import type { AllSeries } from "./measure.ts";
import { EMPTY, leastOf, leastRatio, medianRatio, type Results } from "./results.ts";

const PANEL = { width: 280, gap: 20, left: 20, top: 64, rowHeight: 30, labels: 128 };
const BAR_HEIGHT = 14;

interface Panel {
	readonly title: string;
	readonly hint: string;
	readonly names: readonly string[];
	readonly value: (name: string) => number | undefined;
	readonly format: (value: number) => string;
}

const times = (value: number) => `${value.toFixed(2)} ×`;

function panelsOf({ series: some, extent }: Results): Panel[] {
	const series = { ...EMPTY, ...some };
	const others = ["PeerJS", "y-webrtc", "PeerPigeon", "bittorrent-tracker"];
	const measured = (figure: keyof AllSeries) => (name: string) => name in series[figure];
	const peers = extent.stormPeers.toLocaleString("en-US");
	return [
		{
			title: "Processor time for a signal",
			hint: "beside a bare relay; less is better",
			names: [OURS, BARE, ...others].filter(measured("processor")),
			value: (name: string) => leastRatio(series.processor, name),
			format: times,
		},
		{
			title: `${peers} peers join one room`,
			hint: "time beside a relay that introduces",
			names: [OURS, INTRODUCING, BARE, ...others].filter(measured("storm")),
			value: (name: string) => medianRatio(series.storm, name, INTRODUCING),
			format: times,
		},
		{
			title: "Memory at rest",
			hint: "MiB; less is better",
			names: [OURS, BARE, ...others].filter(measured("memory")),
			value: (name: string) => leastOf(series.memory, name),
			format: (value: number) => String(Math.round(value)),
		},
	].filter(({ names }) => names.length > 0);
}

const stylesheet = (scheme: "light" | "dark") => {
	const [panel, edge, text, faint, bar, own] =
		scheme === "light"
			? ["#ffffff", "#d0d7de", "#1f2328", "#59636e", "#afb8c1", "#0072b2"]
			: ["#161b22", "#30363d", "#e6edf3", "#9198a1", "#484f58", "#56b4e9"];
	return `.panel{fill:${panel};stroke:${edge}}text{fill:${text}}.faint{fill:${faint}}.bar{fill:${bar}}.own{fill:${own}}.line{stroke:${edge}}`;
};

export function chartOf(results: Results): string {
	const panels = panelsOf(results);
	const rows = Math.max(...panels.map(({ names }) => names.length));
	const width = PANEL.left + panels.length * (PANEL.width + PANEL.gap);
	const height = PANEL.top + rows * PANEL.rowHeight + 20;
	const title = "This server beside others, measured in one run";
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}"`,
		` font-family="-apple-system,'Segoe UI',Helvetica,Arial,sans-serif" font-size="13">`,
		`<style>${stylesheet("light")}@media (prefers-color-scheme:dark){${stylesheet("dark")}}</style>`,
		`<rect class="panel" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
		...panels.map((panel, at) => drawPanel(panel, PANEL.left + at * (PANEL.width + PANEL.gap))),
		"</svg>\n",
	].join("\n");
}

function drawPanel({ title, hint, names, value, format }: Panel, left: number): string {
	const start = left + PANEL.labels;
	const values = names.map(value);
	const most = Math.max(...values.map((each) => each ?? 0));
	// A value far beyond the others would leave them no length.
	const sorted = values.filter((each) => each !== undefined).sort((a, b) => a - b);
	const scale = Math.min(most, 1.6 * (sorted.at(-2) ?? most));
	const room = PANEL.width - PANEL.labels - 50;
	const bars = names.map((name, row) => {
		const top = PANEL.top + row * PANEL.rowHeight;
		const own = name === OURS;
		const weight = own ? ' font-weight="600"' : "";
		const label = `<text x="${start - 8}" y="${top + 12}" text-anchor="end"${weight}>${name}</text>`;
		const amount = values[row];
		if (amount === undefined)
			return `${label}<text class="faint" x="${start + 6}" y="${top + 12}">did not finish</text>`;
		const cut = amount > scale;
		const width = Math.max(2, Math.round((Math.min(amount, scale) / scale) * room));
		const end = start + width;
		const bar = cut
			? `<path class="${own ? "own" : "bar"}" d="M${start} ${top}H${end - 12}l4 ${BAR_HEIGHT}H${start}z M${end - 7} ${top}H${end}v${BAR_HEIGHT}h-3z"/>`
			: `<rect class="${own ? "own" : "bar"}" x="${start}" y="${top}" width="${width}" height="${BAR_HEIGHT}" rx="2"/>`;
		return `${label}${bar}<text x="${end + 6}" y="${top + 12}"${weight}>${format(amount)}</text>`;
	});
	const axis = `<line class="line" x1="${start}" y1="${PANEL.top - 6}" x2="${start}" y2="${PANEL.top + names.length * PANEL.rowHeight - 8}"/>`;
	return [
		`<text x="${left}" y="28" font-size="15" font-weight="600">${title}</text>`,
		`<text class="faint" x="${left}" y="46">${hint}</text>`,
		axis,
		...bars,
	].join("\n");
}
