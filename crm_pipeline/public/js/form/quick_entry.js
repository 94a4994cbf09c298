/** New leads, deals and activities from anywhere: the framework's quick entry, without the fields that need no answer. */

import { hint_person } from "../shared/callers";
import { scoped_queries } from "./queries";

// Mandatory, and filled for most: shown only where they are empty.
const FILLED = ["company", "currency"];
const REACH = ["phone", "email_id"];

export function quick_entry(doctype) {
	const name = `${doctype.replace(/ /g, "")}QuickEntryForm`;
	frappe.ui.form[name] = class extends frappe.ui.form.QuickEntryForm {
		/** Whoever has entered something goes on with it; Frappe stays in a list. */
		open_form_if_not_list() {
			const { doctype, name } = this.dialog.doc;
			return frappe.set_route("Form", doctype, name);
		}

		render_dialog() {
			super.render_dialog();
			// Frappe gives the focus to the first field, which is a hidden one: the naming series.
			const first = this.dialog.fields_dict.title || this.dialog.fields_dict.subject;
			this.dialog.$wrapper.one("shown.bs.modal", () => first?.set_focus());
			for (const fieldname of FILLED) {
				// By its element: the field itself is shared with the full form of this document.
				if (this.doc[fieldname]) this.dialog.fields_dict[fieldname]?.$wrapper.addClass("hidden");
			}
			for (const fieldname of REACH) {
				const field = this.dialog.fields_dict[fieldname];
				field?.$input?.on("change", () => hint_person(field));
			}
			for (const [fieldname, query] of Object.entries(scoped_queries(doctype))) {
				const field = this.dialog.fields_dict[fieldname];
				if (field) field.get_query = () => query(this.dialog.doc);
			}
		}
	};
}
