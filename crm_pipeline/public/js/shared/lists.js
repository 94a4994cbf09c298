/** What our list views have in common: states in colour, people by name, presets, and a second line on a phone. */

import { escaped } from "./html";
import { add_presets } from "./presets";
import { indicator } from "./status";

const PHONE = 768;

/** Settings of a list view (frappe.listview_settings) with what is `own` to it. */
export function list_settings(own = {}) {
	return {
		get_indicator: indicator,
		hide_name_column: true,
		...own,
		add_fields: ["status", ...(own.add_fields || [])],
		formatters: { sales_owner: owner_html, amount: short_amount, ...own.formatters },
		onload(listview) {
			listview.$page.addClass("crm-list");
			more_columns(listview);
			add_presets(listview);
		},
		refresh(listview) {
			show_facts(listview);
			show_names(listview);
		},
	};
}

// An element, because 16 hands the answer of a formatter to jQuery.
function owner_html(user) {
	return `<span data-owner="${escaped(user)}" title="${escaped(user)}">${escaped(full_name(user))}</span>`;
}

/** The browser knows the names of few users: those of the list are asked for, once. */
async function show_names(listview) {
	const known = frappe.boot.user_info;
	const users = [...new Set(listview.data.map((doc) => doc.sales_owner))].filter((user) => user && !known[user]);
	if (!users.length) return;
	const answer = await frappe.call("frappe.desk.form.load.get_user_info_for_viewers", { users });
	for (const user of users) known[user] = answer.message?.[user] || { fullname: user, name: user };
	listview.$result.find("[data-owner]").each((_place, cell) => $(cell).text(full_name(cell.dataset.owner)));
	show_facts(listview);
}

/** Whole units from a thousand on: a list is read for sizes. */
function short_amount(value, df, doc) {
	const full = format_currency(value, doc.currency);
	const short = Math.abs(value) < 1000 ? full : format_currency(value, doc.currency, 0);
	return `<div class="text-right" title="${escaped(full)}">${escaped(short)}</div>`;
}

function full_name(user) {
	return user ? frappe.user.full_name(user) : "";
}

/** Room for more columns than Frappe shows by itself, unless the user has set their number. */
export function more_columns(listview) {
	const settings = listview.list_view_settings || (listview.list_view_settings = {});
	if (settings.total_fields || window.innerWidth < 992) return;
	settings.total_fields = window.innerWidth > 1366 ? 9 : 7;
	settings.disable_comment_count = 1;
	listview.setup_columns();
	listview.render_header(true);
}

/** On a phone a list shows titles alone: the columns follow in a line below each. */
function show_facts(listview) {
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
	if (df.fieldtype === "Link") return (title_field && doc[`${df.fieldname}_${title_field}`]) || value;
	return frappe.utils.html2text(frappe.format(value, df, { inline: 1, only_value: true }, doc)).trim();
}
