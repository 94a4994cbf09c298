/** Import: columns guessed, a preview that names each bad row, run in the background, stop, undo. */

import { escaped } from "../shared/html";
import { notices, tiles } from "../shared/kit";
import { rehearsed, show_report } from "./move";
import { act, call } from "../shared/server";

const PAUSE = 3000;
const MOVES = { Draft: __("Move In"), Stopped: __("Go On"), Failed: __("Move In Again"), Done: __("Move In What Is New") };
const STARTS = { Draft: __("Import"), Stopped: __("Go On"), Failed: __("Import Again"), Done: __("Import Again") };

export function import_form() {
	frappe.ui.form.on("Sales Import", {
		setup(frm) {
			frm.set_query("pipeline", () => ({ filters: { applies_to: "Sales Opportunity", disabled: 0 } }));
			frm.get_field("file").df.options = { restrictions: { allowed_file_types: [".csv", ".txt", ".tsv", ".xlsx", ".jsonl", ".json"] }, make_attachments_public: false };
		},
		import_from: (frm) => frm.trigger("refresh"),
		refresh(frm) {
			offer_fields(frm);
			frm.set_intro("");
			frm.fields_dict.preview_html.$wrapper.empty();
			show_report(frm);
			if (frm.is_new() && is_move(frm)) frm.set_intro(__("Save it: each word of the other system is listed then, with what it probably means here. Nothing is moved yet."));
			frm.toggle_display("preview_section", false);
			if (frm.is_new() || !frm.perm[0]?.write) return;
			const { status } = frm.doc;
			if (STARTS[status]) buttons(frm, status);
			if (["Queued", "Running"].includes(status)) running(frm);
			if (["Done", "Stopped", "Failed"].includes(status) && frm.doc.rows_stored) frm.add_custom_button(__("Undo"), () => undo(frm));
		},
	});
}

/** It can be stopped; one that makes no progress any more can be started again. */
function running(frm) {
	const go = (text, method) => frm.add_custom_button(text, () => act(frm, method, { name: frm.docname }));
	if (frm.doc.__onload?.is_killed) go(__("Go On"), "start_import").addClass("btn-primary");
	else go(__("Stop"), "stop_import");
	follow(frm);
}

function undo(frm) {
	const question = __("Records of this import: {0}. Delete all of them? Nothing is deleted when somebody worked on one of them.", [frm.doc.rows_stored]);
	const fields = [
		{ fieldtype: "HTML", options: `<p>${escaped(question)}</p>` },
		{ fieldtype: "Check", fieldname: "rest", label: __("Keep those that somebody worked on, delete the others") },
	];
	frappe.prompt(fields, ({ rest }) => act(frm, "undo_import", { name: frm.docname, rest: Boolean(rest) }), __("Undo"), __("Delete"));
}

/** The fields that a column can be, in the grids. */
function offer_fields(frm) {
	const fields = frm.doc.__onload?.fields || [];
	for (const table of ["columns", "value_rows"]) {
		frm.fields_dict[table].grid.update_docfield_property("field", "options", ["", ...fields]);
	}
	for (const name of ["column_name", "sample"]) frm.fields_dict.columns.grid.update_docfield_property(name, "read_only", 1);
	frm.fields_dict.value_rows.grid.update_docfield_property("file_value", "label", is_move(frm) ? __("Value There") : __("Value in the File"));
	frm.set_df_property("value_rows", "description", is_move(frm) ? __("What each word of the other system means here. An owner without a meaning is nobody.") : "");
	frm.set_df_property("columns", "cannot_add_rows", true);
	frm.set_df_property("columns", "cannot_delete_rows", true);
}

const is_move = (frm) => frm.doc.import_from && frm.doc.import_from !== "File";

function buttons(frm, status) {
	const saved = () => (frm.is_dirty() ? frm.save() : Promise.resolve());
	frm.add_custom_button(is_move(frm) ? __("Rehearse") : __("Preview"), () => saved().then(() => preview(frm)));
	frm.add_custom_button((is_move(frm) ? MOVES : STARTS)[status], () => saved().then(() => act(frm, "start_import", { name: frm.docname }))).addClass("btn-primary");
}

async function preview(frm) {
	const found = await call("preview_import", { name: frm.docname });
	if (is_move(frm)) {
		frm.toggle_display("preview_section", true);
		frm.fields_dict.preview_html.$wrapper.html(rehearsed(found));
		frm.scroll_to_field("preview_html");
		return;
	}
	const numbers = [
		{ name: __("Rows"), html: String(found.rows) },
		{ name: __("Usable"), html: String(found.usable) },
		{ name: __("There Already"), html: String(found.already) },
		{ name: __("Rejected"), html: String(found.rejected) },
	];
	const lines = found.lines.map(({ line, reasons }) => escaped(__("Line {0}: {1}", [line, reasons])));
	const rest = found.rejected - found.lines.length;
	if (rest > 0) lines.push(escaped(__("and {0} more", [rest])));
	if (found.unmapped.length) lines.unshift(escaped(__("Columns that are not imported: {0}", [found.unmapped.join(", ")])));
	const button = found.unknown.length ? `<button class="btn btn-default btn-xs">${escaped(__("Map Unknown Values"))}</button>` : "";
	frm.toggle_display("preview_section", true);
	const wrapper = frm.fields_dict.preview_html.$wrapper;
	wrapper.html(`<div class="crm-look">${tiles(numbers)}${notices(lines)}${button}</div>`);
	wrapper.find("button").on("click", () => map_values(frm, found.unknown));
	frm.scroll_to_field("preview_html");
}

/** A row per value that is unknown here, for somebody to say what it means. */
function map_values(frm, unknown) {
	const there = new Set((frm.doc.value_rows || []).map(({ field, file_value }) => `${field} ${file_value}`));
	for (const { field, value } of unknown) {
		if (!there.has(`${field} ${value}`)) frm.add_child("value_rows", { field, file_value: value });
	}
	frm.refresh_field("value_rows");
	frm.scroll_to_field("value_rows");
}

async function follow(frm) {
	const { docname } = frm;
	frm.dashboard.clear_headline();
	frm.dashboard.set_headline(__("Imported: {0} %", [Math.round(frm.doc.progress || 0)]));
	await new Promise((resolve) => setTimeout(resolve, PAUSE));
	if (cur_frm === frm && frm.docname === docname && ["Queued", "Running"].includes(frm.doc.status) && !frm.is_dirty()) frm.reload_doc();
}
