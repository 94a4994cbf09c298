/** A list with filters of ours. */

import { route_options } from "../core/filters";

/** Show a list with exactly these filters [field, operator, value], whatever it was filtered by before. */
export async function open_list(doctype, filters, sorted_by = null) {
	await forget_filters(doctype, sorted_by);
	frappe.route_options = route_options(filters);
	frappe.set_route("List", doctype, "List");
}

/**
 * A list that opens for the first time adds the filters it had last time to the ones it is given. `sorted_by` is a field
 * that it is to begin with, the largest first; in a list that is open already it is set.
 */
async function forget_filters(doctype, sorted_by) {
	await new Promise((resolve) => frappe.model.with_doctype(doctype, resolve));
	const kept = frappe.get_user_settings(doctype, "List");
	if (kept.filters) kept.filters = [];
	if (!sorted_by || !frappe.meta.has_field(doctype, sorted_by)) return;
	Object.assign(kept, { sort_by: sorted_by, sort_order: "desc" });
	const open = frappe.views.list_view?.[`List/${doctype}/List`];
	if (!open?.sort_selector) return;
	Object.assign(open.sort_selector, { sort_by: sorted_by, sort_order: "desc" });
	Object.assign(open, { sort_by: sorted_by, sort_order: "desc" });
}
