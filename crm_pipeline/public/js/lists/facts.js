/** What our list views add once they are there: people by name, and a second line on a phone. */

import { escaped } from "../shared/html";
import { full_name } from "../shared/list_settings";
import { learn_names } from "../shared/user_names";

const PHONE = 768;
// Fields of our lists that hold a user; see list_settings.
const PEOPLE = ["sales_owner", "responsible", "from_user"];

/** Users of the list by name. */
export async function show_names(listview) {
	if (!(await learn_names(listview.data.flatMap((doc) => PEOPLE.map((field) => doc[field]))))) return;
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
	if (PEOPLE.includes(df.fieldname)) return full_name(value);
	if (df.fieldtype === "Link") {
		const title = (title_field && doc[`${df.fieldname}_${title_field}`]) || value;
		return frappe.boot.translated_doctypes?.includes(df.options) ? __(title) : title;
	}
	return frappe.utils.html2text(frappe.format(value, df, { inline: 1, only_value: true }, doc)).trim();
}
