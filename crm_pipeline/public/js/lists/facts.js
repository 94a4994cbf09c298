/** What our list views add once they are there: people by name, and a second line on a phone. */

import { escaped } from "../shared/html";
import { full_name } from "../shared/list_settings";

const PHONE = 768;

/** The browser knows the names of few users: those of the list are asked for, once. */
export async function show_names(listview) {
	const known = frappe.boot.user_info;
	const users = [...new Set(listview.data.map((doc) => doc.sales_owner))].filter((user) => user && !known[user]);
	if (!users.length) return;
	const answer = await frappe.call("frappe.desk.form.load.get_user_info_for_viewers", { users });
	for (const user of users) known[user] = answer.message?.[user] || { fullname: user, name: user };
	listview.$result.find("[data-owner]").each((_place, cell) => $(cell).text(full_name(cell.dataset.owner)));
	show_facts(listview);
}

/** On a phone a list shows titles alone: the columns follow in a line below each. */
export function show_facts(listview) {
	if (window.innerWidth >= PHONE) return;
	const title = listview.meta.title_field;
	const fields = listview.meta.fields.filter((df) => df.in_list_view && df.fieldname !== title && df.fieldname !== "status");
	// On 16 the header stands in such a container too, and rows have a short line of their own.
	const rows = listview.$result.find(".list-row-container").has(".list-row");
	listview.data.forEach((doc, place) => {
		const facts = fields.map((df) => fact(doc, df, listview.link_field_title_fields?.[df.fieldname])).filter(Boolean);
		if (!facts.length) return;
		$(rows[place])
			.find(".crm-row-facts, .mobile-layout")
			.remove()
			.end()
			.append(`<div class="crm-row-facts">${escaped(facts.join(" · "))}</div>`);
	});
}

function fact(doc, df, title_field) {
	const value = doc[df.fieldname];
	if (!value) return "";
	if (df.fieldname === "sales_owner") return full_name(value);
	if (df.fieldtype === "Link") {
		const title = (title_field && doc[`${df.fieldname}_${title_field}`]) || value;
		return frappe.boot.translated_doctypes?.includes(df.options) ? __(title) : title;
	}
	return frappe.utils.html2text(frappe.format(value, df, { inline: 1, only_value: true }, doc)).trim();
}
