/** What people look for in a list every day, one click away: Mine, Team, and what is late or has no plan. */

import { presets, team_rules } from "../core/presets";
import { DEALS, closed_states } from "../shared/registry";

const LABELS = {
	mine: () => __("Mine"),
	team: () => __("Team"),
	unassigned: () => __("Unassigned Leads"),
	pool: () => __("Public Pool"),
	overdue: () => __("Overdue"),
	closing: () => __("Closing This Month"),
	unplanned: () => __("Without Next Step"),
};

/** The part of the Sales Person tree that the user stands in; everybody where they stand nowhere. */
async function team() {
	const own = await frappe.db.get_list("Sales Person", {
		filters: { crm_user: frappe.session.user },
		fields: ["name", "is_group", "parent_sales_person"],
		order_by: "is_group desc, lft asc",
		limit: 1,
	});
	return team_rules(own[0]);
}

/** Part of a list view's onload(): the menu of presets. Each replaces the filters that are set. */
export function add_presets(listview) {
	const { doctype, filter_area } = listview;
	const has = (field) => frappe.meta.has_field(doctype, field);
	const type = { deal: DEALS.includes(doctype), closed: closed_states(doctype) };
	for (const { key } of presets(type, has)) {
		listview.page.add_inner_button(
			LABELS[key](),
			async () => {
				// The list may stay open past midnight.
				const now = presets(type, has, frappe.session.user, frappe.datetime.get_today());
				const wanted = key === "team" ? await team() : now.find((preset) => preset.key === key).rules;
				await filter_area.clear(false);
				if (wanted.length) await filter_area.add(wanted.map((filter) => [doctype, ...filter]));
				else {
					filter_area.filter_list.update_filter_button();
					listview.refresh();
				}
			},
			__("Show")
		);
	}
	if (has("score")) listview.page.add_inner_button(__("By Score"), () => rank(listview, "score"), __("Show"));
}

/** The highest first, of what the list shows. */
function rank(listview, field) {
	listview.sort_selector.set_value(field, "desc");
	listview.on_sort_change(field, "desc");
}
