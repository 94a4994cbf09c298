/** What the columns and methods of a forecast are called, and how its numbers are written. */

export const COLUMNS = ["signed", "commit", "best_case", "pipeline"];

export const COLOURS = { signed: "#2f9e6b", commit: "#2f6fb5", best_case: "#7fb3ec", pipeline: "#cfd8e3" };

export function column_label(name) {
	return {
		signed: __("Signed"),
		ordered: __("Of It Ordered"),
		commit: __("Commit"),
		best_case: __("Best Case"),
		pipeline: __("Pipeline", null, "Forecast Category"),
		omitted: __("Omitted"),
		overdue: __("Of It Overdue"),
		potential: __("If All Were Won"),
	}[name];
}

export function method_label(name) {
	return {
		weighted: __("Weighted by Stage"),
		category: __("Signed and Commit"),
		historical: __("Historical Win Rate"),
		naive: __("As a Year Ago"),
		smoothing: __("Time Series"),
		regression: __("Regression"),
	}[name];
}

/** What a method does, in a sentence. */
export function method_hint(name) {
	return {
		weighted: __("Signed, and every open deal times its probability"),
		category: __("Signed, and the open deals of category Commit"),
		historical: __("Signed, and open deals times how often deals were won from their stage and age"),
		naive: __("The same month of the year before; with less than a year of history the latest month"),
		smoothing: __("Exponential smoothing of the months before, with trend and seasons"),
		regression: __("A line through the months before, with the months of the year"),
	}[name];
}

const REASONS = () => ({
	"no history": __("There is no history yet"),
	"too short": __("Fewer than six months of history"),
});

export function reason_text(reason) {
	return REASONS()[reason] || reason;
}

export function basis_text(basis) {
	return { "Sales Orders": __("Sales Orders"), "Won Deals": __("won deals") }[basis] || "";
}

/** A writer of numbers for one answer of the server: amounts in its currency, or quantities. */
export function number_writer({ measure, currency }) {
	if (measure === "Quantity") return (value) => format_number(value || 0, null, 0);
	return (value) => format_currency(value || 0, currency, 0);
}

/** 1.2 M, for where there is little room. */
export function short_number(value) {
	// The framework answers nothing for what rounds to zero.
	const whole = Math.round(value || 0);
	return whole ? frappe.utils.shorten_number(whole, frappe.sys_defaults.country, null, 1) : "0";
}

export function percent(share) {
	return share === null || share === undefined ? "" : `${format_number(share * 100, null, 0)} %`;
}
