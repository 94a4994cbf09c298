/** Quick entry of our DocTypes before the forms' script is there: it loads that first, and steps aside for the real one. */

import { forms } from "./lazy";

export function quick_entry_stub(doctype) {
	const name = `${doctype.replace(/ /g, "")}QuickEntryForm`;
	frappe.ui.form[name] = class extends frappe.ui.form.QuickEntryForm {
		constructor(...args) {
			super(...args);
			this.crm_args = args;
		}

		async setup() {
			await forms();
			frappe.quick_entry = new frappe.ui.form[name](...this.crm_args);
			return frappe.quick_entry.setup();
		}
	};
}
