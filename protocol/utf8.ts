/** The most bytes of UTF-8 that one UTF-16 code unit takes. */
const MOST_BYTES = 3;

/** Whether a text has more than so many bytes of UTF-8. Most texts are so short that their length says it. */
export function isLonger(text: string, limit: number): boolean {
	return text.length * MOST_BYTES > limit && utf8Length(text) > limit;
}

/** The length of a text in bytes of UTF-8, without encoding it. */
export function utf8Length(text: string): number {
	let length = text.length;
	for (let i = 0; i < text.length; i++) {
		const unit = text.charCodeAt(i);
		if (unit < 0x80) continue;
		// A text frame is valid UTF-8, so surrogates come in pairs: each half counts for two of the pair's four bytes.
		length += unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 1 : 2;
	}
	return length;
}
