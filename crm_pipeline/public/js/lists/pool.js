/** The public pool in lists: a rep claims, a manager gives out, an owner gives back, several at once. */

import { escaped } from "../shared/html";
import { ask, call } from "../shared/server";
import { people_query } from "../shared/people_query";

const MANAGERS = ["Sales Manager", "Sales Master Manager", "System Manager"];
const is_manager = () => MANAGERS.some((role) => frappe.user.has_role(role));

export async function claim(doctype, name) {
	try {
		await call("claim_from_pool", { doctype, name });
		frappe.show_alert({ message: __("{0} is yours", [escaped(name)]), indicator: "green" });
	} finally {
		cur_list?.doctype === doctype && cur_list.refresh();
	}
}

/** Part of a list view's onload(). */
export function add_pool_actions(listview) {
	const { doctype } = listview;
	if (!frappe.meta.has_field(doctype, "pool_since")) return;
	const add = (label, action) => listview.page.add_actions_menu_item(label, () => action(listview.get_checked_items(true)), false);
	if (is_manager()) {
		add(__("Give Out from the Pool"), (names) => give(listview, names));
		if (doctype === "Sales Lead") add(__("Assign by Rules"), (names) => assign(listview, names));
	}
	add(__("Release to the Pool"), (names) => release(listview, names));
}

function give(listview, names) {
	const fields = [{ fieldname: "user", fieldtype: "Link", options: "User", label: __("Sales Owner"), reqd: 1, get_query: people_query }];
	ask(__("Give Out from the Pool"), fields, __("Give Out"), ({ user }, dialog) => send(listview, "give_from_pool", { names, user }, dialog));
}

function release(listview, names) {
	const fields = [{ fieldname: "reason", fieldtype: "Data", label: __("Reason"), reqd: 1 }];
	ask(__("Release to the Pool"), fields, __("Release"), ({ reason }, dialog) => send(listview, "release_to_pool", { names, reason }, dialog));
}

async function send(listview, method, { names, ...more }, dialog) {
	const answer = await call(method, { doctype: listview.doctype, names: JSON.stringify(names), ...more }).catch(() => null);
	if (!answer) return;
	dialog.hide();
	frappe.show_alert({ message: __("Done: {0}", [answer.done]), indicator: "green" });
	if (answer.refused.length) {
		const lines = answer.refused.map(({ name, reason }) => `<li>${escaped(name)}: ${escaped(reason)}</li>`);
		frappe.msgprint({ title: __("Not Done"), message: `<ul>${lines.join("")}</ul>`, indicator: "orange" });
	}
	listview.clear_checked_items();
	listview.refresh();
}

async function assign(listview, names) {
	const answer = await call("assign_leads", { leads: JSON.stringify(names) });
	frappe.show_alert({ message: __("Given: {0}, left as they are: {1}", [answer.given, answer.left]), indicator: "green" });
	listview.clear_checked_items();
	listview.refresh();
}
