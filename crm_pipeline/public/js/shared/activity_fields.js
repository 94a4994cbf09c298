/** Fields of a Sales Activity in a dialog, which the page asks the framework for beforehand. */

import { escaped } from "./html";

/** A field as the form has it, with what differs in the dialog. */
export function activity_field(fieldname, more = {}) {
	const { fieldtype, label, options } = frappe.meta.get_docfield("Sales Activity", fieldname);
	return { fieldname, fieldtype, label: __(label), options, ...more };
}

/** Notes are rich text on the document and plain text in a dialog. */
export function notes_html(notes) {
	return notes && `<p>${escaped(notes).replace(/\n/g, "<br>")}</p>`;
}
