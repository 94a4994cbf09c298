/** What all forms of the chain have in common. A form script calls this once and adds its own buttons. */

import { show_contacts } from "./contacts";
import { remember_net_share, reprice, set_totals } from "./items";
import { show_margin } from "./items_foot";
import { follow_company, follow_currency, remember_currency, show_money } from "./money";
import { show_orders } from "./orders";
import { name_people } from "./people";
import { set_queries } from "./queries";
import { recipients_of } from "../core/recipients";
import { show_pool } from "./pool";
import { show_returned } from "./returned";
import { show_ribbon } from "./ribbon";
import { show_timeline } from "./timeline";
import { watch_warnings } from "../shared/native";
import { name_status } from "../shared/status";

// What ERPNext knows of a customer, the group's and the company's settings included. Those that are moved follow
// every change of the customer, the others fill what is still empty.
const MOVED = [
	"customer_address", "shipping_address_name", "contact_person", "selling_price_list", "payment_terms_template",
	"tax_category",
];
const FILLED = ["currency", "territory"];

export function chain_form(doctype) {
	name_status(doctype);
	frappe.ui.form.on(doctype, {
		setup: set_queries,
		get_email_recipients,
		refresh(frm) {
			name_people(frm);
			if (frm.is_new()) follow_company(frm);
			show_money(frm);
			remember_currency(frm);
			remember_net_share(frm);
			show_ribbon(frm);
			show_margin(frm);
			crm_pipeline.log_button(frm);
			show_timeline(frm);
			show_orders(frm);
			show_contacts(frm);
			show_pool(frm);
			show_returned(frm);
			watch_warnings(frm);
		},
		company: follow_company,
		currency: follow_currency,
		conversion_rate: set_totals,
		amount: (frm) => !frm.fields_dict.total && set_totals(frm),
		additional_discount_percentage: set_totals,
		discount_amount: set_totals,
		customer: follow_customer,
		selling_price_list: reprice,
		transaction_date: reprice,
		contract_date: reprice,
		source_type: (frm) => frm.set_value("source_name", null),
		pipeline: (frm) => frm.fields_dict.stage && frm.set_value("stage", null),
		payment_terms_template: follow_payment_terms,
		tc_name: follow_terms,
	});
}

/** A mail from a document goes to its people, the contact of the agreement first; Frappe's dialog asks for them. */
function get_email_recipients(frm, field) {
	if (field !== "recipients") return [];
	return recipients_of(frm.doc);
}

/** Fill what is still empty from the customer's own settings. */
async function follow_customer(frm) {
	if (!frm.doc.customer || frm.doc.docstatus) return;
	const answer = await frappe.call("erpnext.accounts.party.get_party_details", {
		party: frm.doc.customer,
		party_type: "Customer",
		company: frm.doc.company,
		currency: frm.doc.currency,
		price_list: frm.doc.selling_price_list,
		posting_date: frm.doc.contract_date || frm.doc.transaction_date,
	});
	const found = answer.message || {};
	for (const field of [...MOVED, ...FILLED].filter((field) => frm.fields_dict[field])) {
		const empty = !frm.doc[field] || (field === "currency" && frm.is_new() && !frm.doc.items?.length);
		if (MOVED.includes(field) || (empty && found[field])) await frm.set_value(field, found[field] || null);
	}
	if (frm.fields_dict.tc_name && !frm.doc.tc_name && !frm.doc.terms) {
		const terms = frappe.get_doc(":Company", frm.doc.company)?.default_selling_terms;
		if (terms) await frm.set_value("tc_name", terms);
	}
	reprice(frm);
}

async function follow_payment_terms(frm) {
	const template = frm.doc.payment_terms_template;
	if (!template || !frm.fields_dict.payment_schedule) return;
	const answer = await frappe.call("erpnext.controllers.accounts_controller.get_payment_terms", {
		terms_template: template,
		posting_date: frm.doc.contract_date || frm.doc.transaction_date,
		grand_total: frm.doc.amount,
		base_grand_total: frm.doc.base_amount,
	});
	if (answer.message) await frm.set_value("payment_schedule", answer.message);
}

async function follow_terms(frm) {
	if (!frm.doc.tc_name) return;
	const answer = await frappe.call(
		"erpnext.setup.doctype.terms_and_conditions.terms_and_conditions.get_terms_and_conditions",
		{ template_name: frm.doc.tc_name, doc: frm.doc }
	);
	if (answer.message) await frm.set_value("terms", answer.message);
}
