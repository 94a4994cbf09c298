/** The list that shows the deals of a column. */

import { stage_rules } from "../core/filters";

export function list_filters(board, column) {
	const { company, recent_days } = board.data;
	const since = frappe.datetime.add_days(frappe.datetime.get_today(), -recent_days);
	return stage_rules(column, { ...board.filters, company: board.filters.company || company }, since);
}
