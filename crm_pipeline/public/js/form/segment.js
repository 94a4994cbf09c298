/** The form of a Sales Segment: Frappe's own filters, and how many records belong to it now. */

import { show_segment } from "../shared/segments";
import { act, read } from "../shared/server";

const SEGMENT = "Sales Segment";

export function segment_form() {
	frappe.ui.form.on(SEGMENT, {
		setup(frm) {
			frm.set_query("item_code", "behaviours", () => ({ query: "erpnext.controllers.queries.item_query" }));
		},
		refresh(frm) {
			show_filters(frm);
			frm.set_intro("");
			if (frm.is_new()) return;
			show_count(frm);
			frm.add_custom_button(__("Show Records"), () => show_segment(frm.docname)).addClass("btn-primary");
			frm.add_custom_button(__("Take Snapshot"), () => act(frm, "take_segment_snapshot", { name: frm.docname }));
		},
		applies_to: show_filters,
		before_save: (frm) => keep_filters(frm),
	});
}

/** Filters of the records themselves, kept as text in the document. */
async function show_filters(frm) {
	const { filters_html } = frm.fields_dict;
	const doctype = frm.doc.applies_to;
	if (!doctype) return;
	await frappe.model.with_doctype(doctype);
	const area = $(filters_html.wrapper).empty();
	frm.segment_filters = null;
	const group = new frappe.ui.FilterGroup({
		parent: area,
		doctype,
		on_change: () => frm.segment_filters === group && note_change(frm),
	});
	await group.add_filters_to_filter_group(parsed(frm));
	frm.segment_filters = group;
}

function parsed(frm) {
	try {
		return JSON.parse(frm.doc.filters || "[]").map((filter) => filter.slice(0, 4));
	} catch {
		return [];
	}
}

const asked = (frm) => JSON.stringify(frm.segment_filters.get_filters().map((filter) => filter.slice(0, 4)));

function note_change(frm) {
	if (asked(frm) !== JSON.stringify(parsed(frm))) frm.dirty();
}

function keep_filters(frm) {
	if (frm.segment_filters) frm.doc.filters = asked(frm);
}

async function show_count(frm) {
	const name = frm.docname;
	const found = await read("get_segment_records", { name });
	if (frm.docname !== name || !found) return;
	frm.set_intro(__("Records that belong to it now, as far as you may see them: {0}", [found.count]), "blue");
}
