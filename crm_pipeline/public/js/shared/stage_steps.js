/** What a gate asks that is no field of a dialog, done from there: an activity, a contact with a role, a document. */

import { escaped } from "./html";
import { load } from "./lazy";
import { ask, call } from "./server";

/** The function of api/ that makes a document of a deal. */
const MAKE = {
	Quotation: "make_quotation",
	"Cost Estimate": "make_cost_estimate",
	"Sales Project": "opportunity_to_project",
	"Sales Contract": "make_contract",
	"Sales Order Request": "make_order_request",
	"Sales Order": "order_now",
};

const route_of = (doctype, name) => frappe.utils.get_form_link(doctype, name);

/** The text of a step with its button; `done` ones have a mark instead, and what can't be done here neither. */
export function step_html(step, place, deal, done) {
	const mark = done ? '<span aria-hidden="true">✓ </span>' : "";
	return `<li class="crm-gate-step${done ? " text-muted" : ""}">${mark}${escaped(step.text)}
		${done ? `<span class="sr-only">${escaped(__("Done"))}</span>` : button_html(step, place, deal)}</li>`;
}

function button_html(step, place, deal) {
	const { kind, subject, made } = step;
	if (kind === "document" && made) {
		// In a tab of its own: the dialog stays, and looks again when one comes back.
		return `<a class="btn btn-xs btn-default" target="_blank" href="${escaped(route_of(subject, made))}">${escaped(
			__("Open {0}", [made])
		)}</a>`;
	}
	const label = {
		activity: __("Log Activity"),
		role: __("Add Contact"),
		document: may_make(subject, deal) && __("Make {0}", [__(subject)]),
	}[kind];
	return label ? `<button type="button" class="btn btn-xs btn-default" data-step="${place}">${escaped(label)}</button>` : "";
}

function may_make(doctype, deal) {
	if (doctype === "Sales Project" && deal.doctype === "Sales Project") return false;
	if (doctype === "Sales Order" && !frappe.user.has_role("Order Desk")) return false;
	return Boolean(MAKE[doctype]) && frappe.model.can_create(doctype);
}

/** Do a step; `again()` looks at what is still missing. */
export async function do_step(step, deal, again) {
	if (step.kind === "activity") {
		await load("crm_forms");
		crm_pipeline.log_activity({ reference_doctype: deal.doctype, reference_name: deal.name }, again);
	} else if (step.kind === "role") {
		await add_contact(step.subject, deal, again);
	} else {
		await make(step, deal);
		await again();
	}
}

async function make({ subject, text }, deal) {
	const args = subject === "Sales Project" ? { name: deal.name } : deal;
	if (subject === "Sales Order" && !(await sure(text))) return;
	await call(MAKE[subject], args).catch(() => null);
}

/** An order is no draft that one may throw away. */
const sure = () => new Promise((resolve) => frappe.confirm(__("Make the Sales Order now?"), () => resolve(true), () => resolve(false)));

async function add_contact(role, deal, again) {
	const { message } = await frappe.db.get_value(deal.doctype, deal.name, ["customer", "prospect"]);
	const { customer, prospect } = message || {};
	const party = customer ? ["Customer", customer] : ["Sales Prospect", prospect];
	const query = {
		query: "frappe.contacts.doctype.contact.contact.contact_query",
		filters: { link_doctype: party[0], link_name: party[1] },
	};
	const without = "eval:!doc.contact";
	const fields = [
		{ fieldname: "contact", fieldtype: "Link", options: "Contact", label: __("Contact"), only_select: 1, get_query: () => (party[1] ? query : {}) },
		{ fieldtype: "Section Break", label: __("Or a New One"), depends_on: without },
		{ fieldname: "contact_name", fieldtype: "Data", label: __("Name"), length: 140 },
		{ fieldname: "email_id", fieldtype: "Data", options: "Email", label: __("E-mail"), length: 140 },
		{ fieldname: "phone", fieldtype: "Data", options: "Phone", label: __("Phone"), length: 140 },
	];
	ask(__("Contact: {0}", [__(role)]), fields, __("Add"), async (values, dialog) => {
		try {
			await call("add_deal_contact", { ...deal, role, ...values });
		} catch {
			return;
		}
		dialog.hide();
		await again();
	});
}
