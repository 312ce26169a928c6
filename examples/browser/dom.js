/** Small helpers around the document. */

/**
 * The page's own element with this id.
 * @template {Element} Kind
 * @param {string} id
 * @param {new () => Kind} kind
 * @returns {Kind}
 */
export function byId(id, kind) {
	const found = document.getElementById(id);
	if (!(found instanceof kind)) throw new Error(`The page has no ${kind.name} with the id ${id}.`);
	return found;
}

/**
 * Makes an element. Strings become text, never HTML: they may come from strangers.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Partial<HTMLElementTagNameMap[Name]>} [properties]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, properties = {}, ...children) {
	const made = Object.assign(document.createElement(name), properties);
	made.append(...children);
	return made;
}

/**
 * Sets a text only if it differs, so that a screen reader does not announce it again and a selection stays.
 * @param {Element} target
 * @param {string} text
 */
export function setText(target, text) {
	if (target.textContent !== text) target.textContent = text;
}

/**
 * Appends to a list within a scrolling element. The view follows new items, unless the reader has scrolled back.
 * @param {HTMLElement} list
 * @param {HTMLElement} item
 */
export function appendTo(list, item) {
	const frame = list.parentElement ?? list;
	const atEnd = frame.scrollHeight - frame.scrollTop - frame.clientHeight < 40;
	list.append(item);
	if (atEnd) scrollToEnd(list);
}

/** @param {HTMLElement} list within a scrolling element */
export function scrollToEnd(list) {
	const frame = list.parentElement ?? list;
	frame.scrollTop = frame.scrollHeight;
}
