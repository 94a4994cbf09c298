/** How a person is shown where there is little room. */

const SHADES = ["blue", "green", "orange", "red", "cyan", "purple", "yellow", "pink"];

/** Up to two initials: of the first word and of the last. A name without spaces gives one letter. */
export function initials(name) {
	const words = (name || "").trim().split(/\s+/).filter(Boolean);
	const picked = words.length > 1 ? [words[0], words[words.length - 1]] : words;
	return picked.map((word) => [...word][0].toUpperCase()).join("");
}

/** The shade of a person, the same on every screen: the name of a pair of colours in css/crm_kit.bundle.css. */
export function shade(name) {
	const sum = [...(name || "")].reduce((total, letter) => (total * 31 + letter.codePointAt(0)) % 9973, 7);
	return SHADES[sum % SHADES.length];
}
