/** The form of a Cost Estimate: amounts while typing, costs asked for again, and how the margin stands to the floor. */

import { margin_of } from "../core/prices";
import { escaped } from "../shared/html";
import { DEALS } from "../shared/registry";
import { act, read } from "../shared/server";
import { company_currency } from "./money";
import { set_queries } from "./queries";

const BY_HAND = "By Hand";

export function cost_estimate_form() {
	frappe.ui.form.on("Cost Estimate", {
		setup(frm) {
			set_queries(frm);
			frm.set_query("reference_doctype", () => ({ filters: { name: ["in", DEALS] } }));
		},
		refresh(frm) {
			show_currency(frm);
			show_state(frm);
			if (!frm.is_new() && frm.doc.docstatus === 0 && frm.perm[0]?.write) draft_buttons(frm);
		},
		reference_doctype: (frm) => frm.set_value("reference_name", null),
	});

	frappe.ui.form.on("Cost Estimate Item", {
		item_code: ask_again,
		uom: ask_again,
		cost_source: ask_again,
		activity_type: ask_again,
		hours: ask_again,
		qty: (frm) => set_results(frm),
		rate: (frm) => set_results(frm),
		cost_rate(frm, cdt, cdn) {
			const row = locals[cdt][cdn];
			Object.assign(row, { cost_source: BY_HAND, cost_basis: null });
			set_results(frm);
		},
		items_remove: (frm) => set_results(frm),
	});

	frappe.ui.form.on("Cost Estimate Charge", {
		amount: (frm) => set_results(frm),
		other_costs_remove: (frm) => set_results(frm),
	});
}

function draft_buttons(frm) {
	const name = frm.docname;
	const again = (args) => act(frm, "refresh_costs", { name, ...args }, { open: false, message: __("Costs are up to date") });
	frm.add_custom_button(__("Refresh Costs"), () => again({}));
	frm.add_custom_button(__("Get Items from Deal"), () =>
		frappe.confirm(__("Replace the rows by the items of the deal as they are now?"), () => again({ items: 1 }))
	);
}

/** The exchange rate says something only where the deal's currency is not the company's. */
function show_currency(frm) {
	const foreign = Boolean(frm.doc.currency && frm.doc.currency !== company_currency(frm.doc.company));
	frm.toggle_display(["currency", "conversion_rate"], foreign);
}

/** What is still missing, else how the margin stands to the floor, else who is next. */
async function show_state(frm) {
	if (frm.is_new() || frm.doc.docstatus === 2) return;
	const unknown = frm.doc.items.filter((row) => row.cost_source !== BY_HAND && !flt(row.cost_rate));
	if (unknown.length) {
		const rows = unknown.map((row) => `${row.idx} (${escaped(row.item_name || row.item_code)})`).join(", ");
		headline(frm, __("No cost is known of row {0}: choose where it comes from, or type it in.", [rows]), "orange");
		return;
	}
	const name = frm.docname;
	const floor = frappe.model.can_read("Quotation") ? (await read("get_cost_gate")).floor : null;
	if (frm.docname !== name) return;
	if (floor !== null && flt(frm.doc.margin) < (flt(frm.doc.selling_amount) * flt(floor)) / 100) {
		headline(frm, __("The margin is below the floor of {0} %.", [format_number(floor, null, 2)]), "orange");
	} else if (frm.doc.docstatus === 0 && !frm.perm[0]?.submit) {
		headline(frm, __("A manager approves this estimate by submitting it."), "blue");
	}
}

function headline(frm, text, colour) {
	frm.dashboard.clear_headline();
	frm.dashboard.set_headline_alert(text, colour);
}

/** The server looks the cost up when the form is saved; until then the row says that it is not known. */
function ask_again(frm, cdt, cdn) {
	const row = locals[cdt][cdn];
	if (row.cost_source === BY_HAND) return;
	Object.assign(row, { cost_rate: 0, cost_basis: null });
	set_results(frm);
}

function set_results(frm) {
	const digits = precision("cost_amount", frm.doc);
	const rate = flt(frm.doc.conversion_rate) || 1;
	const round = (value) => flt(value, digits);
	const sum = (rows, field) => flt((rows || []).reduce((total, row) => total + flt(row[field]), 0), digits);
	for (const row of frm.doc.items || []) {
		const selling = flt(flt(flt(row.qty) * flt(row.rate), digits) * rate, digits);
		Object.assign(row, margin_of(selling, flt(flt(row.qty) * flt(row.cost_rate), digits), round));
	}
	const item_cost = sum(frm.doc.items, "cost_amount");
	const other_cost = sum(frm.doc.other_costs, "amount");
	const whole = margin_of(sum(frm.doc.items, "selling_amount"), flt(item_cost + other_cost, digits), round);
	Object.assign(frm.doc, { item_cost, other_cost, ...whole });
	frm.dirty();
	frm.refresh_fields(["items", "item_cost", "other_cost", ...Object.keys(whole)]);
}
