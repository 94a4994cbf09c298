/** The form of a Customer Case: what people do with one. States and log are written by the server. */

import { date_text, escaped } from "../shared/html";
import { is_open } from "../shared/registry";
import { act, ask } from "../shared/server";
import { name_status } from "../shared/status";
import { set_queries } from "./queries";
import { people_query } from "../shared/people_query";

const CASE = "Customer Case";
// What a case may be about, beside the product: documents that name a customer.
const ABOUT = [
	"Sales Order", "Delivery Note", "Sales Invoice", "Quotation", "Sales Opportunity", "Sales Project", "Sales Contract",
	"Sales Order Request", "Serial No", "Installation Note", "Project",
];

export function customer_case_form() {
	name_status(CASE);
	frappe.ui.form.on(CASE, {
		setup(frm) {
			set_queries(frm);
			frm.set_query("reference_doctype", () => ({ filters: { name: ["in", ABOUT] } }));
			frm.set_query("reference_name", () => about_customer(frm));
			frm.set_query("severity", () => ({ filters: { disabled: 0 } }));
			frm.set_query("responsible", people_query);
			frm.set_query("contact", () =>
				frm.doc.customer
					? { query: "frappe.contacts.doctype.contact.contact.contact_query", filters: { link_doctype: "Customer", link_name: frm.doc.customer } }
					: {}
			);
		},
		onload: (frm) => frm.is_new() && start(frm),
		refresh(frm) {
			frm.set_df_property("log", "cannot_add_rows", 1);
			frm.set_df_property("log", "cannot_delete_rows", 1);
			show_due(frm);
			if (!frm.is_new() && frm.perm[0]?.write) buttons(frm);
		},
		reference_doctype: (frm) => frm.set_value("reference_name", null),
		customer: (frm) => frm.doc.reference_name && !frm.is_new() && frm.set_value("reference_name", null),
	});
}

/** A new case has a usual severity, and what the document knows that it was opened from. */
async function start(frm) {
	if (!frm.doc.severity) {
		const known = await frappe.db.get_list("Case Severity", { filters: { disabled: 0 }, order_by: "position asc, name asc", limit: 50 });
		// The one in the middle, as the server has it.
		if (known.length && !frm.doc.severity) frm.set_value("severity", known[Math.floor(known.length / 2)].name);
	}
	const { reference_doctype, reference_name, customer } = frm.doc;
	if (!reference_name || customer || !frappe.model.can_read(reference_doctype)) return;
	const party = reference_doctype === "Quotation" ? "party_name" : "customer";
	const fields = [party, "company", "contact_person"].filter((field) => frappe.meta.has_field(reference_doctype, field));
	const { message } = await frappe.db.get_value(reference_doctype, reference_name, fields);
	if (!message) return;
	if (message[party]) await frm.set_value("customer", message[party]);
	if (message.company) await frm.set_value("company", message.company);
	if (message.contact_person) await frm.set_value("contact", message.contact_person);
}

function about_customer(frm) {
	if (!frm.doc.customer) return {};
	const field = frm.doc.reference_doctype === "Quotation" ? "party_name" : "customer";
	return frappe.meta.has_field(frm.doc.reference_doctype, field) ? { filters: { [field]: frm.doc.customer } } : {};
}

function show_due(frm) {
	if (frm.is_new() || !frm.doc.due_by || frm.doc.status === "Waiting" || !is_open(CASE, frm.doc.status)) return;
	const late = frm.doc.due_by < frappe.datetime.system_datetime();
	const when = date_text(frm.doc.due_by);
	if (late) frm.dashboard.add_indicator(__("Overdue since {0}", [when]), "red");
	else frm.dashboard.add_indicator(`${__("Due By")} ${when}`, "blue");
}

function buttons(frm) {
	if (!is_open(CASE, frm.doc.status)) {
		reason_button(frm, __("Reopen"), "reopen_case", __("What happened?"), __("The case is open again"));
		return;
	}
	frm.add_custom_button(__("Log"), () => ask_log(frm));
	frm.add_custom_button(__("Forward"), () => ask_forward(frm));
	frm.add_custom_button(__("Solve"), () => ask_solution(frm)).addClass("btn-primary");
	if (frm.doc.status !== "Waiting") {
		reason_button(frm, __("Wait for Customer"), "wait_for_customer", __("What are we waiting for?"), __("Saved"), __("More"));
	}
	reason_button(frm, __("Withdraw"), "withdraw_case", __("Why is there nothing to solve?"), __("Withdrawn"), __("More"));
}

function ask_log(frm) {
	const fields = [
		{ fieldname: "text", fieldtype: "Small Text", label: __("What Was Done"), reqd: 1 },
		{ fieldname: "answer", fieldtype: "Check", label: __("The customer heard from us"), default: frm.doc.first_answer_on ? 0 : 1 },
		{ fieldname: "minutes", fieldtype: "Int", label: __("Minutes"), non_negative: 1 },
	];
	ask(__("Log"), fields, __("Save"), ({ text, answer, minutes }, dialog) =>
		act(frm, "log_case", { name: frm.docname, text, answer, minutes: minutes || 0 }, { dialog })
	);
}

function ask_forward(frm) {
	const fields = [
		{
			fieldname: "user",
			fieldtype: "Link",
			options: "User",
			label: __("To Person"),
			get_query: people_query,
		},
		{ fieldname: "department", fieldtype: "Link", options: "Department", label: __("To Department") },
		{ fieldname: "note", fieldtype: "Small Text", label: __("What They Should Know"), reqd: 1 },
	];
	ask(__("Forward"), fields, __("Forward"), (values, dialog) =>
		act(frm, "forward_case", { name: frm.docname, ...values }, { dialog, message: __("Forwarded") })
	);
}

function ask_solution(frm) {
	const field = { fieldname: "solution", fieldtype: "Text", label: __("Solution"), reqd: 1, default: frm.doc.solution };
	ask(__("Solve"), [field], __("Solve"), ({ solution }, dialog) =>
		act(frm, "solve_case", { name: frm.docname, solution }, { dialog, message: __("Solved") })
	);
}

function reason_button(frm, label, method, question, message, group) {
	const field = { fieldname: "reason", fieldtype: "Small Text", label: question, reqd: 1 };
	const open = () =>
		ask(label, [field], label, ({ reason }, dialog) => act(frm, method, { name: frm.docname, reason }, { dialog, message }));
	frm.add_custom_button(label, open, group);
}
