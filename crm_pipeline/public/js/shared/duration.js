/** Lengths of time in words. */

export const DAY = 24 * 3600; // seconds

export const days_text = (days) => (days === 1 ? __("1 day") : __("{0} days", [days]));

/** Time that has passed: hours below one day, days with one decimal below ten, whole ones from there on. */
export function spent_text(seconds) {
	if (seconds < DAY) return __("{0} h", [Math.floor(seconds / 3600)]);
	const decimals = seconds < 10 * DAY ? 1 : 0;
	const scale = 10 ** decimals;
	return __("{0} days", [format_number(Math.floor((scale * seconds) / DAY) / scale, null, decimals)]);
}
