/** The places of the graph's nodes: on a circle, with this page at the top. Nodes move only when a peer comes or goes. */

/** Space outside the circle for a name, in px. A narrow graph has smaller type. */
const NAME_WIDTH = 104;
const NARROW_NAME_WIDTH = 84;
const NARROW = 420;
const NAME_HEIGHT = 44;

/** With more nodes than `MAX_LEVEL` names would overlap, so they turn outwards. Above `MAX_NAMED` no name fits. */
const MAX_LEVEL = 10;
const MAX_NAMED = 40;

/**
 * @typedef {object} Place
 * @property {number} x px
 * @property {number} y
 * @property {number} nameX the place of the name, from the node's centre
 * @property {number} nameY
 * @property {number} turn degrees by which the name is turned
 * @property {"start" | "middle" | "end"} anchor the part of the name that is at that place
 * @property {boolean} named whether there is room for a name
 */

/**
 * @param {readonly string[]} ids in their order around the circle
 * @param {{ width: number, height: number }} size px
 * @param {number} nodeRadius px
 * @returns {Map<string, Place>}
 */
export function circle(ids, { width, height }, nodeRadius) {
	const count = ids.length;
	const turned = count > MAX_LEVEL;
	const named = count <= MAX_NAMED;
	const nameWidth = width < NARROW ? NARROW_NAME_WIDTH : NAME_WIDTH;
	const marginX = named ? nameWidth + nodeRadius : 2 * nodeRadius;
	const marginY = named && turned ? marginX : NAME_HEIGHT + nodeRadius;
	const radiusX = Math.max(20, width / 2 - marginX);
	const radiusY = Math.max(20, height / 2 - marginY);
	// An ellipse may be a little wider than high. A wider one would crowd its ends.
	const radius = { x: Math.min(radiusX, radiusY * 1.5), y: Math.min(radiusY, radiusX * 1.1) };
	// Two nodes are side by side, so that the link between them is horizontal.
	const first = count === 2 ? Math.PI : -Math.PI / 2;

	return new Map(
		ids.map((id, at) => {
			const angle = first + (2 * Math.PI * at) / Math.max(1, count);
			const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
			const where =
				count === 1
					? { x: width / 2, y: height * 0.36 } // below it stands what to do
					: { x: width / 2 + cos * radius.x, y: height / 2 + sin * radius.y };
			return [id, { ...where, ...nameAt(cos, sin, nodeRadius + 10, turned), named }];
		}),
	);
}

/**
 * @param {number} cos
 * @param {number} sin
 * @param {number} distance px
 * @param {boolean} turned
 * @returns {Pick<Place, "nameX" | "nameY" | "turn" | "anchor">}
 */
function nameAt(cos, sin, distance, turned) {
	const leftHalf = cos < -0.001;
	if (turned) {
		const degrees = (Math.atan2(sin, cos) * 180) / Math.PI;
		return {
			nameX: cos * distance,
			nameY: sin * distance,
			turn: leftHalf ? degrees + 180 : degrees,
			anchor: leftHalf ? "end" : "start",
		};
	}
	// Above or below the node near the top and the bottom of the circle, otherwise beside it.
	if (Math.abs(cos) < 0.4) return { nameX: 0, nameY: Math.sign(sin) * (distance + 12), turn: 0, anchor: "middle" };
	return { nameX: cos * distance, nameY: sin * distance, turn: 0, anchor: leftHalf ? "end" : "start" };
}
