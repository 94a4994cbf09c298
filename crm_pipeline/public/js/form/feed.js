/** Activities and memos: how a row of each looks, and how one is added. */

import { ask } from "../shared/server";
import { date_text, doc_link, escaped, pill, safe_html } from "../shared/html";
import { colour_of } from "../shared/registry";

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

export function ask_activity(frm, done) {
	return log_activity(about(frm), (values) => {
		// A deal's next step and whether it is stalled follow what was done.
		const follows = values.status === "Done" && frm.fields_dict.next_step;
		if (follows && !frm.is_dirty()) frm.reload_doc();
		else done();
	});
}

/** Log an activity about a document {reference_doctype, reference_name}; `done(values)` is called when it is saved. */
export function log_activity(reference, done) {
	const options = (fieldname) => frappe.meta.get_docfield("Sales Activity", fieldname).options;
	frappe.model.with_doctype("Sales Activity", async () => {
		const usual = await usual_activity_type();
		ask(
			__("Log Activity"),
			[
				{ fieldname: "subject", fieldtype: "Data", label: __("Subject"), reqd: 1 },
				{
					fieldname: "way",
					fieldtype: "Link",
					label: __("Activity Type"),
					options: "Sales Activity Type",
					get_query: () => ({ filters: { disabled: 0 } }),
					default: usual,
					reqd: 1,
				},
				{
					fieldname: "direction",
					fieldtype: "Select",
					label: __("Direction"),
					options: options("direction"),
					default: "Outbound",
				},
				{ fieldtype: "Column Break" },
				{
					fieldname: "status",
					fieldtype: "Select",
					label: __("Status"),
					options: options("status"),
					default: "Done",
					reqd: 1,
				},
				{
					fieldname: "starts_on",
					fieldtype: "Datetime",
					label: __("Starts On"),
					// A Datetime is kept in the site's time and shown in the user's.
					default: frappe.datetime.system_datetime(),
					reqd: 1,
				},
				{ fieldname: "result", fieldtype: "Select", label: __("Result"), options: options("result") },
				{ fieldtype: "Section Break" },
				{ fieldname: "notes", fieldtype: "Small Text", label: __("Notes") },
				{ fieldtype: "Section Break", label: __("Next Step") },
				{ fieldname: "next_step", fieldtype: "Data", label: __("Next Step") },
				{ fieldtype: "Column Break" },
				{ fieldname: "next_step_date", fieldtype: "Date", label: __("Next Step On") },
			],
			__("Save"),
			(values, dialog) => {
				// Notes are rich text on the document and plain text in this dialog.
				const notes = values.notes && `<p>${escaped(values.notes).replace(/\n/g, "<br>")}</p>`;
				return add("Sales Activity", { ...reference, ...values, notes }, dialog, () => done(values));
			}
		);
	});
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
