/** What My Day asks before something is done: as little as may be, and Enter saves. */

import { activity_field, notes_html } from "../shared/activity_fields";
import { escaped } from "../shared/html";
import { call } from "../shared/server";
import { name_people } from "../form/people";
import { people_query } from "../shared/people_query";

const of = (row) => ({ doctype: row.doctype, name: row.name });

async function ask(title, fields, label, method, args, then) {
	const { ask } = crm_pipeline;
	// Frappe puts a section before them.
	const begins_with_day = fields[0].fieldtype === "Date";
	const dialog = await ask(title, fields, label, async (values, dialog) => {
		try {
			await call(method, args(values));
		} catch {
			// The server has said why.
			return;
		}
		dialog.hide();
		then();
	});
	name_people(dialog);
	// Frappe gives the focus to no date: Enter is for the button then.
	const focus = () => dialog.get_primary_btn().trigger("focus");
	if (begins_with_day) {
		// Without animations it is shown by now.
		focus();
		dialog.$wrapper.one("shown.bs.modal", focus);
	}
	return dialog;
}

/** One click: who claims it has it, or is told why not. */
export async function claim(row, then) {
	try {
		await call("claim_from_pool", of(row));
		frappe.show_alert({ message: __("{0} is yours", [escaped(row.title)]), indicator: "green" });
	} catch {
		// The server has said why; what is gone is gone from the day as well.
	}
	then();
}

export async function finish(row, section, then) {
	if (row.doctype === "ToDo") {
		await call("finish_item", of(row));
		return then();
	}
	if (section === "steps") return log(row, section, then);
	await new Promise((resolve) => frappe.model.with_doctype("Sales Activity", resolve));
	const fields = [
		activity_field("result"),
		{ fieldtype: "Column Break" },
		activity_field("evaluation", { description: "" }),
		{ fieldtype: "Section Break" },
		activity_field("notes", { fieldtype: "Small Text" }),
		{ fieldtype: "Section Break", label: __("Next Step") },
		activity_field("next_step"),
		{ fieldtype: "Column Break" },
		activity_field("next_step_date"),
	];
	return ask(row.title, fields, __("Done"), "finish_item", ({ notes, ...values }) => {
		const html = notes_html(notes);
		return { ...of(row), values: JSON.stringify({ ...values, ...(html ? { notes: html } : {}) }) };
	}, then);
}

export function move(row, then) {
	const tomorrow = frappe.datetime.add_days(frappe.datetime.get_today(), 1);
	const day = { fieldname: "day", fieldtype: "Date", label: __("To"), default: tomorrow, reqd: 1 };
	return ask(__("Move: {0}", [row.title]), [day], __("Move"), "move_item", ({ day }) => ({ ...of(row), day }), then);
}

/** Log what was done about it; a next step that was carried out is done by that. */
export function log(row, section, then) {
	const is_step = section === "steps";
	const own = ["Sales Activity", "ToDo"].includes(row.doctype);
	const about = own
		? { reference_doctype: row.reference_doctype, reference_name: row.reference_name }
		: { reference_doctype: row.doctype, reference_name: row.name };
	const { customer, prospect, contact, way } = row;
	const subject = is_step ? row.text && row.doctype !== "Sales Activity" ? row.text : row.title : "";
	const known = { ...about, customer, prospect, way, subject, contacts: [contact].filter(Boolean) };
	return crm_pipeline.log_activity({ ...known, finishes: is_step ? of(row) : null }, then);
}

const person = { fieldname: "user", fieldtype: "Link", label: __("To"), options: "User", reqd: 1, get_query: people_query };
const note = { fieldname: "note", fieldtype: "Small Text", label: __("Note") };

export function forward(row, then) {
	return ask(__("Forward: {0}", [row.title]), [person, note], __("Forward"), "forward_item", (values) => ({ ...of(row), ...values }), then);
}

export function assign(row, then) {
	const day = { fieldname: "day", fieldtype: "Date", label: __("Due On") };
	const fields = [person, day, note];
	return ask(__("Assign: {0}", [row.title]), fields, __("Assign"), "assign_item", (values) => ({ ...of(row), ...values }), then);
}
