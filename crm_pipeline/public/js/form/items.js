/** Item rows: live price, amounts and totals while typing. The server computes them again on save. */

import { agreed_totals, discount_of, is_agreed, is_typed, rate_of, repriced, row_amounts, rows_amount, unpriced } from "../core/prices";
import { ITEM_TABLES } from "../shared/registry";
import { call } from "../shared/server";
import { show_items_foot } from "./items_foot";
import { unpriced_text } from "./unpriced";

const PRICED_FOR = ["company", "customer", "currency", "conversion_rate", "selling_price_list", "transaction_date", "contract_date"];
const WAIT = 300; // milliseconds: a customer brings price list and currency along

// Rates that came from the price list in this session, by row: what was typed by hand is left alone.
const fetched = {};

export function watch_items() {
	for (const doctype of ITEM_TABLES) {
		frappe.ui.form.on(doctype, {
			item_code: (frm, cdt, cdn) => choose_item(frm, locals[cdt][cdn]),
			uom: (frm, cdt, cdn) => choose_unit(frm, locals[cdt][cdn]),
			qty: (frm, cdt, cdn) => change_quantity(frm, locals[cdt][cdn]),
			rate: (frm, cdt, cdn) => from_rate(frm, locals[cdt][cdn]),
			price_list_rate: (frm, cdt, cdn) => from_discount(frm, locals[cdt][cdn]),
			discount_percentage: (frm, cdt, cdn) => from_discount(frm, locals[cdt][cdn]),
			is_free: (frm) => show_items_foot(frm),
			items_remove: (frm) => {
				// Without rows an amount is entered by hand; that of the last row is not one.
				frm.__had_rows = true;
				set_totals(frm);
				frm.__had_rows = false;
			},
		});
	}
}

/** Rounds as the site does for a field of a row or document. */
const rounding = (doc) => (value, field) => flt(value, field === "discount_percentage" ? 6 : precision(field, doc));

const price_is_agreed = (frm, row) => is_agreed(frm.doc, row);

async function choose_item(frm, row) {
	if (!row.item_code) return;
	row.uom = null;
	row.conversion_factor = null;
	await fetch_price(frm, row);
}

async function choose_unit(frm, row) {
	if (!row.item_code || price_is_agreed(frm, row)) return;
	row.conversion_factor = null;
	await fetch_price(frm, row);
}

async function change_quantity(frm, row) {
	if (row.item_code && !is_typed(row, fetched[row.name]) && !price_is_agreed(frm, row)) await fetch_price(frm, row);
	else set_amounts(frm, row);
}

async function fetch_price(frm, row) {
	const price = await ask_price(frm, row);
	if (!price) return;
	Object.assign(row, price);
	fetched[row.name] = flt(row.rate);
	set_amounts(frm, row);
	warn_unpriced(frm, row);
}

/** What the price list says of a row; null where it can't be asked, or the row was changed again meanwhile. */
async function ask_price(frm, row) {
	if (!frm.doc.company) {
		frappe.show_alert({ message: __("Choose the company first"), indicator: "orange" });
		return null;
	}
	const doc = Object.fromEntries(PRICED_FOR.map((field) => [field, frm.doc[field]]));
	const asked = { item_code: row.item_code, qty: flt(row.qty) || 1, uom: row.uom, conversion_factor: row.conversion_factor };
	let price;
	try {
		price = await call("get_list_price", { doc, row: asked }, { type: "GET", freeze: false });
	} catch {
		return null;
	}
	return row.item_code !== asked.item_code || (asked.uom && row.uom !== asked.uom) ? null : price;
}

/** A row that no list knows is not sold for nothing in silence. */
function warn_unpriced(frm, row) {
	if (!unpriced(frm.doc).includes(row)) return;
	frappe.show_alert({ message: unpriced_text(row), indicator: "orange" });
}

/** Price list, customer or day became another one: list prices follow, what somebody gave or agreed stays. */
export function reprice(frm) {
	clearTimeout(frm.crm_repricing);
	if (frm.doc.docstatus || !frm.doc.items?.length) return;
	frm.crm_repricing = setTimeout(() => reprice_rows(frm), WAIT);
}

async function reprice_rows(frm) {
	let changed = 0;
	for (const row of (frm.doc.items || []).filter((row) => row.item_code && !price_is_agreed(frm, row))) {
		const found = await ask_price(frm, row);
		if (!found) continue;
		const price = repriced(row, found, fetched[row.name], rounding(row));
		if (flt(price.rate) !== flt(row.rate)) changed += 1;
		if (!is_typed(row, fetched[row.name]) && flt(found.price_list_rate)) fetched[row.name] = flt(price.rate);
		Object.assign(row, price);
		set_amounts(frm, row);
		warn_unpriced(frm, row);
	}
	if (changed) frappe.show_alert({ message: changed === 1 ? __("1 price changed") : __("{0} prices changed", [changed]), indicator: "blue" });
}

/** Prices in another currency: the list price in it at the discount there was; what is on no list keeps its worth. */
export async function follow_new_currency(frm, old_rate) {
	const ratio = (flt(old_rate) || 1) / (flt(frm.doc.conversion_rate) || 1);
	for (const row of frm.doc.items || []) {
		const discount = flt(row.discount_percentage);
		const listed = flt(row.price_list_rate);
		if (listed && !price_is_agreed(frm, row)) {
			await fetch_price(frm, row);
			if (flt(row.price_list_rate)) {
				row.discount_percentage = discount;
				from_discount(frm, row);
				continue;
			}
		}
		row.price_list_rate = flt(listed * ratio, precision("price_list_rate", row));
		row.rate = flt(flt(row.rate) * ratio, precision("rate", row));
		set_amounts(frm, row);
	}
}

/** A rate typed by hand decides; the discount follows from it. */
function from_rate(frm, row) {
	if (flt(row.price_list_rate)) {
		row.discount_percentage = discount_of(row.rate, row.price_list_rate, rounding(row));
	}
	set_amounts(frm, row);
}

function from_discount(frm, row) {
	if (flt(row.price_list_rate)) {
		row.rate = rate_of(row, rounding(row));
	}
	set_amounts(frm, row);
}

function set_amounts(frm, row) {
	Object.assign(row, row_amounts(row, frm.doc.conversion_rate, rounding(row)));
	frm.dirty();
	frm.fields_dict.items.grid.grid_rows_by_docname[row.name]?.refresh();
	set_totals(frm);
}

/** Totals of the form; runs after every change of a row, discount or exchange rate. */
export function set_totals(frm) {
	const rows = frm.doc.items || [];
	const rate = flt(frm.doc.conversion_rate) || 1;
	const round = rounding(frm.doc);
	const values = { base_amount: undefined };
	if (frm.fields_dict.items_total) values.items_total = rows.reduce((total, row) => total + flt(row.amount), 0);
	if (frm.fields_dict.total) Object.assign(values, agreed_totals(frm.doc, net_share(frm), round));
	else if (rows.length || frm.__had_rows) values.amount = rows_amount(frm.doc, net_share(frm), round);
	const amount = values.amount ?? frm.doc.amount;
	values.base_amount = flt(flt(amount) * rate, precision("base_amount", frm.doc));
	for (const [field, value] of Object.entries(values)) {
		frm.doc[field] = value;
		frm.refresh_field(field);
	}
	show_items_foot(frm);
}

/** How much of the prices is net of tax, by what the server worked out at the last save; the next one corrects it. */
function net_share(frm) {
	return frm.__net_share || 1;
}

export function remember_net_share(frm) {
	if (frm.is_dirty() && !frm.is_new()) return;
	const { items_total, total, discount_amount, amount } = frm.doc;
	const gross = frm.fields_dict.total ? flt(total) - flt(discount_amount) : flt(items_total);
	frm.__net_share = gross ? flt(amount) / gross : 1;
}
