/** A rule of the public pool: its own condition as filters of the records that it is about. */

import { choose_segments, show_own_filters } from "./own_filters";

const show_filters = (frm) => show_own_filters(frm, frm.doc.document_type);

export function pool_rule_form() {
	frappe.ui.form.on("Pool Rule", {
		setup(frm) {
			choose_segments(frm, () => frm.doc.document_type);
			frm.set_query("item", () => ({ filters: { disabled: 0 } }));
		},
		refresh: show_filters,
		async document_type(frm) {
			// Filters and segment are about the records of before.
			await frm.set_value({ own_filters: "", segment: "" });
			show_filters(frm);
		},
	});
}
