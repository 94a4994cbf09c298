/** Small decisions about numbers and colours that are shown. */

const DAY = 24 * 3600; // seconds

/**
 * A length of time as {unit, count, decimals}: hours below one day, days with one decimal below ten, whole ones from
 * there on. Never more than has passed.
 */
export function duration(seconds) {
	if (seconds < DAY) return { unit: "hours", count: Math.floor(seconds / 3600), decimals: 0 };
	const decimals = seconds < 10 * DAY ? 1 : 0;
	const scale = 10 ** decimals;
	return { unit: "days", count: Math.floor((scale * seconds) / DAY) / scale, decimals };
}

/** Decimals of a share in percent: one where a whole number would say nothing. */
export function share_decimals(share) {
	return share && Math.abs(share) < 0.1 ? 1 : 0;
}

/** The change against a value before as a share, null where there was nothing to compare with. */
export function change(now, before) {
	return before ? now / before - 1 : null;
}

/** Lengths of bars in percent of the longest, which is at least `least`. */
export function bar_lengths(values, least = 1) {
	const longest = Math.max(least, ...values);
	return values.map((value) => Math.max(Number(((100 * value) / longest).toFixed(2)), 0));
}

/** A colour as somebody chose it, or null where it is none: it goes into a style. */
export function safe_colour(colour) {
	return /^#([0-9a-f]{3,4}|[0-9a-f]{6}|[0-9a-f]{8})$/i.test(colour || "") ? colour : null;
}

function channels(colour) {
	const hex = colour.slice(1);
	const full = hex.length < 5 ? [...hex].map((digit) => digit + digit).join("") : hex;
	return [0, 2, 4].map((at) => parseInt(full.slice(at, at + 2), 16) / 255);
}

function luminance(colour) {
	const [red, green, blue] = channels(colour).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
	return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The contrast of two colours (#rgb or #rrggbb) by WCAG 2: 1 to 21. Text is readable from 4.5 on. */
export function contrast(one, other) {
	const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
	return (light + 0.05) / (dark + 0.05);
}

/** Black or white, whichever is read better on a colour. */
export function text_on(colour) {
	return contrast("#ffffff", colour) >= contrast("#171717", colour) ? "#ffffff" : "#171717";
}
