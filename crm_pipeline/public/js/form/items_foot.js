/** Below the items: which rows have no price, and what is left of a deal, for who may know. */

import { unpriced } from "../core/prices";
import { escaped } from "../shared/html";
import { money, percent } from "../shared/numbers";
import { DEALS } from "../shared/registry";
import { read } from "../shared/server";

/** Drawn again with every change of a row; the margin is that of the deal as it is saved. */
export function show_items_foot(frm) {
	const field = frm.fields_dict.items;
	if (!field) return;
	const area = foot_of(field);
	const lines = unpriced(frm.doc).map((row) => `<li>${escaped(__("Row {0}: {1} has no price. Enter its rate.", [row.idx, row.item_code]))}</li>`);
	area.children(".crm-items-unpriced").html(lines.length ? `<ul class="crm-notices">${lines.join("")}</ul>` : "");
	area.children(".crm-items-margin").toggle(!frm.is_dirty());
}

function foot_of(field) {
	const found = field.$wrapper.children(".crm-items-foot");
	if (found.length) return found;
	return $(`<div class="crm-items-foot"><div class="crm-items-unpriced"></div><div class="crm-items-margin"></div></div>`).appendTo(field.$wrapper);
}

/** Part of refresh(): margin at today's costs of the items. */
export async function show_margin(frm) {
	const field = frm.fields_dict.items;
	if (!field) return;
	show_items_foot(frm);
	const area = foot_of(field).children(".crm-items-margin").empty();
	const asks = DEALS.includes(frm.doctype) && !frm.is_new() && frm.doc.items?.length && frappe.model.can_read("Cost Estimate");
	if (!asks) return;
	const name = frm.docname;
	let found;
	try {
		found = await read("get_margin", { doctype: frm.doctype, name });
	} catch {
		return;
	}
	if (frm.docname === name) area.html(margin_html(found));
}

function margin_html({ margin, percentage, cost, currency, without }) {
	const text = __("Margin {0} ({1}) at item costs of {2}", [money(margin, currency), percent(percentage / 100), money(cost, currency)]);
	const unknown = without.length ? ` · ${escaped(__("No cost is known of row {0}", [without.join(", ")]))}` : "";
	return `<p class="crm-items-margin-text">${escaped(text)}${unknown}</p>`;
}
