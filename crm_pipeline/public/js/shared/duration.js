/** Lengths of time in words. */

import { duration } from "../core/numbers";

export const DAY = 24 * 3600; // seconds

export const days_text = (days) => (days === 1 ? __("1 day") : __("{0} days", [days]));

/** Time that has passed: hours below one day, days with one decimal below ten, whole ones from there on. */
export function spent_text(seconds) {
	const { unit, count, decimals } = duration(seconds);
	if (unit === "hours") return __("{0} h", [count]);
	return count === 1 ? __("1 day") : __("{0} days", [format_number(count, null, decimals)]);
}
