/** What the columns and methods of a forecast are called, and how its numbers are written. */

import { count, money } from "../shared/numbers";

export { percent, short as short_number } from "../shared/numbers";

export const COLUMNS = ["signed", "commit", "best_case", "pipeline"];

/** The methods that add up deals; the others rest on months of the past. */
export const OF_DEALS = ["weighted", "historical", "category"];

/** Colours of css/crm_kit.bundle.css. */
export const COLOURS = { signed: "signed", commit: "commit", best_case: "best-case", pipeline: "pipeline" };

export function column_label(name) {
	return {
		signed: __("Signed"),
		ordered: __("Ordered"),
		commit: __("Commit"),
		best_case: __("Best Case"),
		pipeline: __("Pipeline", null, "Forecast Category"),
		omitted: __("Omitted"),
		overdue: __("Overdue"),
		potential: __("Total Potential"),
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
	return measure === "Quantity" ? count : (value) => money(value, currency);
}
