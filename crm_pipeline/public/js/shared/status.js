import { colour_of } from "./registry";

/** What a list view's get_indicator answers. */
export function indicator(doc) {
	// The rows of a list don't say what they are.
	const doctype = doc.doctype || window.cur_list?.doctype;
	return [__(doc.status, null, doctype), colour_of(doctype, doc.status), `status,=,${doc.status}`];
}

/** A form shows its state as the list does: "Open" is another word for a deal than for an issue. */
export function name_status(doctype) {
	const field = frappe.meta.get_docfield(doctype, "status");
	if (field) field.formatter = (value) => (value ? __(value, null, doctype) : "");
}

