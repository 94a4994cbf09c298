/** Currency and exchange rate: the company's own currency needs neither rate nor a second amount. */

import { read } from "../shared/server";
import { follow_new_currency, set_totals } from "./items";

const SECOND_AMOUNTS = ["conversion_rate", "base_amount", "base_total", "base_won_amount"];

export function company_currency(company) {
	return frappe.get_doc(":Company", company)?.default_currency || frappe.boot.sysdefaults.currency;
}

export function show_money(frm) {
	const own = company_currency(frm.doc.company);
	const foreign = Boolean(frm.doc.currency && own && frm.doc.currency !== own);
	for (const field of SECOND_AMOUNTS) {
		if (frm.fields_dict[field]) frm.toggle_display(field, foreign);
	}
	const grid = frm.fields_dict.items?.grid;
	if (grid) grid.set_column_disp("base_amount", foreign);
}

/** What the prices of the form are in: asked when its currency changes. */
export function remember_currency(frm) {
	frm.__priced_in = frm.doc.currency;
}

/** A new form starts with the company's currency; a changed company brings its own. */
export function follow_company(frm) {
	const own = company_currency(frm.doc.company);
	if (own && frm.fields_dict.currency && (!frm.doc.currency || frm.is_new())) frm.set_value("currency", own);
}

export async function follow_currency(frm) {
	show_money(frm);
	if (!frm.fields_dict.conversion_rate || !frm.doc.company || !frm.doc.currency) return;
	const { currency, company, transaction_date: date } = frm.doc;
	const priced_in = frm.__priced_in || currency;
	const old_rate = frm.doc.conversion_rate;
	let rate = 1;
	if (currency !== company_currency(company)) {
		try {
			rate = await read("get_exchange_rate", { currency, company, date });
		} catch {
			rate = 0;
		}
	}
	if (frm.doc.currency !== currency) return;
	await frm.set_value("conversion_rate", rate);
	if (rate) {
		if (priced_in !== currency) await follow_new_currency(frm, old_rate);
		remember_currency(frm);
	}
	set_totals(frm);
}
