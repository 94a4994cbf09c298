/** Settings of our list views, needed before the first row is drawn; what comes later is in lists/. */

import { escaped } from "./html";
import { expect_forms, lists } from "./lazy";
import { indicator } from "./status";

/** Settings of a list view (frappe.listview_settings) with what is `own` to it. */
export function list_settings(own = {}) {
	return {
		get_indicator: indicator,
		hide_name_column: true,
		...own,
		add_fields: ["status", ...(own.add_fields || [])],
		formatters: { sales_owner: owner_html, responsible: owner_html, from_user: owner_html, amount: short_amount, ...own.formatters },
		async onload(listview) {
			listview.$page.addClass("crm-list crm-look");
			more_columns(listview);
			await lists();
			crm_pipeline.lists.set_up(listview);
			expect_forms();
		},
		async refresh(listview) {
			await lists();
			crm_pipeline.lists.complete(listview);
		},
	};
}

/** What a deal's get_indicator answers: stalled ones stand out. */
export function health_indicator(doc) {
	if (doc.status === "Open" && doc.is_stalled) return [__("Stalled"), "orange", "is_stalled,=,1|status,=,Open"];
	return indicator(doc);
}

// An element, because 16 hands the answer of a formatter to jQuery.
function owner_html(user) {
	return `<span data-owner="${escaped(user)}" title="${escaped(user)}">${escaped(full_name(user))}</span>`;
}

/** Whole units from a thousand on: a list is read for sizes. */
function short_amount(value, df, doc) {
	const full = format_currency(value, doc.currency);
	const short = Math.abs(value) < 1000 ? full : format_currency(value, doc.currency, 0);
	return `<div class="text-right" title="${escaped(full)}">${escaped(short)}</div>`;
}

export function full_name(user) {
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
