/** Looks through a page for what keeps people out. These functions run in the page, so each holds all that it needs. */

/** Elements without a name, ids that repeat, and headings in a wrong order. */
export function structureFaults(): string[] {
	const faults: string[] = [];
	const show = (element: Element) => (element.cloneNode() as Element).outerHTML;
	const isShown = (element: Element) => element.checkVisibility({ visibilityProperty: true });
	const textOf = (ids: string | null) =>
		(ids ?? "")
			.split(" ")
			.map((id) => document.getElementById(id)?.textContent?.trim() ?? "")
			.join(" ");

	if (document.documentElement.lang === "") faults.push("The page names no language.");
	if (document.title === "") faults.push("The page has no title.");
	if (document.querySelectorAll("main").length !== 1) faults.push("There is not one main.");

	const ids = [...document.querySelectorAll("[id]")].map(({ id }) => id);
	for (const id of new Set(ids.filter((id, at) => ids.indexOf(id) !== at))) faults.push(`The id ${id} is there twice.`);

	for (const control of document.querySelectorAll<HTMLInputElement>("input, select, textarea, button, a, summary")) {
		if (!isShown(control)) continue;
		const label = [...(control.labels ?? [])].map(({ textContent }) => textContent).join(" ");
		const name = `${control.ariaLabel ?? ""}${textOf(control.getAttribute("aria-labelledby"))}${label}`;
		const own = control.matches("input, select, textarea") ? "" : (control.textContent ?? "");
		if (`${name}${own}`.trim() === "") faults.push(`No name: ${show(control)}`);
		const { width, height } = control.getBoundingClientRect();
		const isInText = control.closest("p") !== null;
		const area = control.closest("label")?.getBoundingClientRect().height ?? height;
		if (!isInText && (width < 16 || area < 18)) faults.push(`Too small to hit: ${show(control)}`);
	}

	const levels = [...document.querySelectorAll("h1, h2, h3, h4")]
		.filter(isShown)
		.map(({ tagName }) => Number(tagName[1]));
	if (levels[0] !== 1 || levels.filter((level) => level === 1).length !== 1)
		faults.push("There is not one h1 at the top.");
	levels.forEach((level, at) => {
		if (level > (levels[at - 1] ?? 0) + 1) faults.push(`A heading of level ${level} follows one of ${levels[at - 1]}.`);
	});

	for (const attribute of ["aria-labelledby", "aria-describedby", "aria-errormessage", "for", "list"]) {
		for (const element of document.querySelectorAll(`[${attribute}]`)) {
			const missing = (element.getAttribute(attribute) ?? "")
				.split(" ")
				.filter((id) => document.getElementById(id) === null);
			if (missing.length > 0) faults.push(`${attribute} leads to nothing: ${show(element)}`);
		}
	}
	for (const image of document.querySelectorAll("img:not([alt]), svg:not([aria-label], [aria-hidden=true])"))
		faults.push(`No text: ${show(image)}`);
	for (const item of document.querySelectorAll(":not(ol, ul)[role] > li, ol[role] > li, ul[role] > li"))
		faults.push(`In no list: ${show(item)}`);
	for (const header of document.querySelectorAll("th:not([scope])")) faults.push(`No scope: ${show(header)}`);
	for (const element of document.querySelectorAll("[tabindex]")) {
		if ((element as HTMLElement).tabIndex > 0) faults.push(`Out of the order of the page: ${show(element)}`);
		if (element.tagName !== "PRE" && !element.hasAttribute("aria-labelledby") && element.ariaLabel === null)
			faults.push(`No name: ${show(element)}`);
	}
	return faults;
}

/** Texts with too little contrast to their background, by WCAG 2.2 AA. */
export function lowContrast(): string[] {
	const canvas = Object.assign(document.createElement("canvas"), { width: 1, height: 1 });
	const context = canvas.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
	/** From any notation: red, green, blue and opacity of 0 to 1. */
	const rgba = (colour: string) => {
		context.clearRect(0, 0, 1, 1);
		context.fillStyle = colour;
		context.fillRect(0, 0, 1, 1);
		return [...context.getImageData(0, 0, 1, 1).data].map((value) => value / 255);
	};
	const luminance = (colour: readonly number[]) => {
		const [red = 0, green = 0, blue = 0] = colour.map((value) =>
			value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4,
		);
		return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
	};
	const backgroundOf = (start: Element) => {
		for (let element: Element | null = start; element !== null; element = element.parentElement) {
			const colour = rgba(getComputedStyle(element).backgroundColor);
			if (colour[3] === 1) return colour;
			if (colour[3] !== 0) throw new Error(`A background that is half transparent: ${element.outerHTML}`);
		}
		return [1, 1, 1, 1];
	};

	const faults: string[] = [];
	const check = (element: Element, colour: string, text: string) => {
		const [one, other] = [luminance(rgba(colour)), luminance(backgroundOf(element))];
		const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
		if (ratio < 4.5) faults.push(`${ratio.toFixed(2)}: ${text} ${element.tagName}.${element.getAttribute("class")}`);
	};

	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	while (texts.nextNode()) {
		const text = (texts.currentNode.textContent ?? "").trim();
		const element = texts.currentNode.parentElement;
		if (text === "" || element === null || !element.checkVisibility({ visibilityProperty: true })) continue;
		const style = getComputedStyle(element);
		check(element, element instanceof SVGElement ? style.fill : style.color, text);
	}
	for (const field of document.querySelectorAll<HTMLInputElement>("input, select")) {
		if (!field.checkVisibility()) continue;
		check(field, getComputedStyle(field).color, field.value);
		if (field.matches("[placeholder]")) check(field, getComputedStyle(field, "::placeholder").color, "placeholder");
	}
	return faults;
}
