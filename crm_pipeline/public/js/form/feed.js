/** Activities and memos: how a row of each looks, and how one is added. */

import { activity_field, notes_html } from "../shared/activity_fields";
import { ask, call } from "../shared/server";
import { date_text, doc_link, escaped, pill, safe_html } from "../shared/html";
import { colour_of } from "../shared/registry";
import { name_people } from "./people";
import { find_people } from "../shared/people_query";

/** `person` says the name of a user. */
export function activity_html(row, person) {
	const facts = [__(row.way), __(row.direction), date_text(row.starts_on), row.place, person(row.sales_owner)];
	const next = row.next_step
		? `<div class="crm-feed-next">${escaped(__("Next: {0}", [row.next_step]))} ${escaped(
				date_text(row.next_step_date)
		  )}</div>`
		: "";
	return `<div class="crm-feed-line">
			<span>${doc_link("Sales Activity", row.name, row.subject)}</span>
			<span>${row.result ? pill(__(row.result), "gray") : ""} ${pill(__(row.status), colour_of("Sales Activity", row.status))}</span>
		</div>
		<div class="crm-feed-facts">${escaped(facts.filter(Boolean).join(" · "))}</div>
		<div class="crm-feed-text">${safe_html(row.notes)}</div>${next}`;
}

export function memo_html(row, person) {
	const facts = [person(row.owner), date_text(row.creation)].filter(Boolean).join(" · ");
	return `<div class="crm-feed-line">
			<span>${doc_link("Sales Memo", row.name, row.subject || __("Memo"))}</span>
			<span>${row.pinned ? pill(__("On Top"), "yellow") : ""}</span>
		</div>
		<div class="crm-feed-facts">${escaped(facts)}</div>
		<div class="crm-feed-text">${safe_html(row.memo)}</div>`;
}

function about(frm) {
	return { reference_doctype: frm.doctype, reference_name: frm.docname };
}

/** What an activity is where nobody says so, by whatever name the site has for it. */
export async function usual_activity_type() {
	const { message } = await frappe.db.get_value("Sales Activity Type", { standard_key: "phone", disabled: 0 }, "name");
	return message?.name;
}

export function ask_activity(frm, done = null) {
	const { customer, prospect, contact_person, contact } = frm.doc;
	const contacts = frm.doctype === "Contact" ? [frm.docname] : [contact_person || contact].filter(Boolean);
	const known = { ...about(frm), contacts, customer: frm.doctype === "Customer" ? frm.docname : customer, prospect };
	return log_activity(known, (values) => {
		// A deal's next step and whether it is stalled follow what was done.
		const follows = values.status === "Done" && frm.fields_dict.next_step;
		if (follows && !frm.is_dirty()) frm.reload_doc();
		else done ? done() : crm_pipeline.show_timeline(frm);
	});
}

/**
 * Log an activity about a document {reference_doctype, reference_name}; `done(values)` is called when it is saved.
 * Also known may be `contacts`, names, values of fields such as `subject`, and in `finishes` {doctype, name} the document
 * whose next step this is.
 */
export function log_activity({ contacts = [], finishes = null, ...known }, done) {
	frappe.model.with_doctype("Sales Activity", async () => {
		const usual = known.way || (await usual_activity_type());
		const of_document = ["reference_doctype", "reference_name", "customer", "prospect"];
		const reference = Object.fromEntries(of_document.map((field) => [field, known[field]]).filter(([, value]) => value));
		const dialog = ask(__("Log Activity"), log_fields({ ...known, way: usual, contacts }), __("Save"), async (values, dialog) => {
			const { contacts, colleagues, notes, ...typed } = values;
			const html = notes_html(notes);
			const args = {
				values: JSON.stringify({ ...reference, ...typed, ...(html ? { notes: html } : {}) }),
				contacts: JSON.stringify(contacts || []),
				colleagues: JSON.stringify(colleagues || []),
				finishes_type: finishes?.doctype,
				finishes: finishes?.name,
			};
			try {
				await call("log_activity", args);
			} catch {
				// The server has said why; what was typed stays in the dialog.
				return;
			}
			dialog.hide();
			frappe.show_alert({ message: __("Logged"), indicator: "green" });
			done?.(values);
		});
		name_people(dialog);
		const focus = () => dialog.fields_dict.subject.set_focus();
		focus();
		dialog.$wrapper.one("shown.bs.modal", focus);
	});
}

/** What the dialog asks: a subject at least; the rest is filled in, or waits below. */
function log_fields(known) {
	const field = (fieldname, more = {}) => activity_field(fieldname, { default: known[fieldname], ...more });
	const pills = (fieldname, label, doctype, chosen) => ({
		fieldname,
		fieldtype: "MultiSelectPills",
		label,
		default: chosen,
		get_data: (txt) => frappe.db.get_link_options(doctype, txt),
	});
	return [
		// Without one it is named after its type and the customer.
		field("subject", { reqd: 0 }),
		field("way", { reqd: 1, get_query: () => ({ filters: { disabled: 0 } }) }),
		{ fieldtype: "Column Break" },
		field("status", { reqd: 1, default: known.status || "Done" }),
		// A Datetime is kept in the site's time and shown in the user's.
		field("starts_on", { reqd: 1, default: known.starts_on || frappe.datetime.system_datetime() }),
		{ fieldtype: "Section Break" },
		field("result"),
		{ fieldtype: "Column Break" },
		{ ...pills("contacts", __("Contacts"), "Contact", known.contacts) },
		{ fieldtype: "Section Break" },
		field("notes", { fieldtype: "Small Text" }),
		{ fieldtype: "Section Break", label: __("Next Step") },
		field("next_step"),
		{ fieldtype: "Column Break" },
		field("next_step_date"),
		{ fieldtype: "Section Break", label: __("More"), collapsible: 1 },
		field("direction", { default: known.direction || "Outbound" }),
		field("duration", { hide_days: 1, hide_seconds: 1 }),
		field("place"),
		field("evaluation"),
		{ fieldtype: "Column Break" },
		field("due_on", { description: "" }),
		field("priority", { default: known.priority || "Medium" }),
		field("remind", { description: "" }),
		{ ...pills("colleagues", __("Colleagues"), "User", []), get_data: find_people },
	];
}

export function ask_memo(frm, done) {
	ask(
		__("Add Memo"),
		[
			{ fieldname: "subject", fieldtype: "Data", label: __("Subject") },
			{ fieldname: "memo", fieldtype: "Text Editor", label: __("Memo"), reqd: 1 },
			{ fieldname: "pinned", fieldtype: "Check", label: __("Keep on Top") },
		],
		__("Save"),
		(values, dialog) => add("Sales Memo", { ...about(frm), ...values }, dialog, done)
	);
}

async function add(doctype, values, dialog, done) {
	try {
		await frappe.db.insert({ doctype, ...values });
	} catch {
		return;
	}
	dialog.hide();
	done();
}
