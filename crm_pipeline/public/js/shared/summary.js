/** The numbers above a report. */

import { behind_link, list_link } from "./drill";

/**
 * The numbers above a report as links to their documents, where the report says how to ask for them: a number of its
 * summary has `ask`, {doctype, filters} of a list or {doctype, method} of a function of api/ that takes the filters.
 */
export function link_summary() {
	const report = frappe.query_report;
	const numbers = report.$summary.find(".summary-value");
	(report.raw_data?.report_summary || []).forEach(({ ask, value }, place) => {
		const number = numbers[place];
		if (!ask || !value || !number || number.querySelector("a")) return;
		const args = { filters: report.get_filter_values() };
		number.innerHTML = ask.method
			? behind_link(number.innerHTML, ask.doctype, ask.method, args)
			: list_link(number.innerHTML, ask.doctype, ask.filters);
	});
}
