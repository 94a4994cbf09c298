/** What people look for in a list every day, one click away: Mine, Team, and what is late or has no plan. */

const today = () => frappe.datetime.get_today();
const ENDED = { "Sales Lead": ["Converted", "Disqualified"], "Sales Prospect": ["Verified", "Rejected"] };

/** [label, filters [field, operator, value]] of the presets that a DocType has the fields for. */
function presets(doctype) {
	const has = (field) => frappe.meta.has_field(doctype, field);
	const due = has("follow_up_date") ? "follow_up_date" : "expected_close";
	const open = ENDED[doctype] ? ["status", "not in", ENDED[doctype]] : ["status", "=", "Open"];
	const found = [[__("Mine"), () => [["sales_owner", "=", frappe.session.user]]]];
	if (has("sales_person")) found.push([__("Team"), () => team()]);
	if (has(due)) found.push([__("Overdue"), () => [open, [due, "<", today()]]]);
	if (has("expected_close")) {
		found.push([__("Closing This Month"), () => [open, ["expected_close", "Timespan", "this month"]]]);
	}
	if (has("next_step")) {
		found.push([__("Without Next Step"), () => [open, ["next_step", "is", "not set"], ["next_step_date", "is", "not set"]]]);
	} else if (has("follow_up_date")) {
		found.push([__("Without Next Step"), () => [open, ["follow_up_date", "is", "not set"]]]);
	}
	return found;
}

/** The part of the Sales Person tree that the user stands in; everybody where they stand nowhere. */
async function team() {
	const own = await frappe.db.get_list("Sales Person", {
		filters: { crm_user: frappe.session.user },
		fields: ["name", "is_group", "parent_sales_person"],
		order_by: "is_group desc, lft asc",
		limit: 1,
	});
	if (!own.length) return [];
	const node = own[0].is_group ? own[0].name : own[0].parent_sales_person;
	return [["sales_person", "descendants of (inclusive)", node]];
}

/** Part of a list view's onload(): the menu of presets. Each replaces the filters that are set. */
export function add_presets(listview) {
	const { doctype, filter_area } = listview;
	for (const [label, filters] of presets(doctype)) {
		listview.page.add_inner_button(
			label,
			async () => {
				const wanted = await filters();
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
}
