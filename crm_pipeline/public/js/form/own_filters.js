/** The own condition of a rule as the filters of a list; the text that they come to is stored. */

export async function show_own_filters(frm, doctype) {
	const wrapper = frm.fields_dict.filters_html.$wrapper.empty();
	if (!doctype) return;
	await frappe.model.with_doctype(doctype);
	let filters = [];
	let unreadable = false;
	try {
		filters = JSON.parse(frm.doc.own_filters || "[]");
	} catch {
		// What can't be read is shown as text, and refused on saving.
		unreadable = true;
	}
	frm.toggle_display("own_filters", unreadable);
	wrapper.empty();
	const group = new frappe.ui.FilterGroup({
		parent: wrapper,
		doctype,
		on_change: () => {
			const found = group.get_filters().map((filter) => filter.slice(0, 4));
			const text = found.length ? JSON.stringify(found) : "";
			if (text !== (frm.doc.own_filters || "")) frm.set_value("own_filters", text);
		},
	});
	if (Array.isArray(filters) && filters.length) group.add_filters_to_filter_group(filters);
}

/** Segments that records of the type may belong to: a lead by its customer or prospect, too. */
export function choose_segments(frm, doctype_of) {
	frm.set_query("segment", () => {
		const doctype = doctype_of();
		const types = doctype === "Sales Lead" ? ["Sales Lead", "Customer", "Sales Prospect"] : [doctype];
		return { filters: { applies_to: ["in", types], disabled: 0 } };
	});
}
