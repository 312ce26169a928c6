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
