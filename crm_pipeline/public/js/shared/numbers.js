/** Numbers as our pages write them. What is not known is a dash. */

import { share_decimals } from "../core/numbers";

const unknown = (value) => value === null || value === undefined;

export function count(value) {
	return format_number(value || 0, null, 0);
}

/** A whole amount: our pages are about sizes. */
export function money(value, currency) {
	return format_currency(value || 0, currency, 0);
}

/** How many of something: decimals only where there are some. */
export function quantity(value) {
	const most = 3;
	const decimals = String(Number(Number(value || 0).toFixed(most))).split(".")[1] || "";
	return format_number(value || 0, null, decimals.length);
}

/** A share in percent. */
export function percent(share) {
	return unknown(share) ? "–" : `${format_number(100 * share, null, share_decimals(share))}%`;
}

export function days(value) {
	return unknown(value) ? "–" : format_number(value, null, value < 10 ? 1 : 0);
}

/** 1.2 M, for where there is little room. */
export function short(value) {
	// The framework answers nothing for what rounds to zero.
	const whole = Math.round(value || 0);
	return whole ? frappe.utils.shorten_number(whole, frappe.sys_defaults.country, null, 1) : "0";
}
