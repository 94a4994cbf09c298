/** Import: columns guessed, a preview that names each bad row, run in the background, stop, undo. */

import { escaped } from "../shared/html";
import { count } from "../shared/numbers";
import { offer_fields } from "./import_tables";
import { show_kept, show_preview } from "./import_preview";
import { is_move, show_report } from "./move";
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
			frm.crm_unchecked = false;
			if (frm.is_new() || !frm.perm[0]?.write) return;
			const { status } = frm.doc;
			if (STARTS[status]) buttons(frm, status);
			if (STARTS[status] && frm.doc.check_report) show_kept(frm);
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

function buttons(frm, status) {
	const saved = () => (frm.is_dirty() ? frm.save() : Promise.resolve());
	frm.add_custom_button(is_move(frm) ? __("Rehearse") : __("Preview"), () => saved().then(() => preview(frm)));
	frm.add_custom_button((is_move(frm) ? MOVES : STARTS)[status], () => saved().then(() => start(frm))).addClass("btn-primary");
}

async function preview(frm) {
	show_preview(frm, await call("preview_import", { name: frm.docname }));
}

/** What is not checked yet is checked before anything is stored: nobody has to wait for the preview. */
function start(frm) {
	const go = () => act(frm, "start_import", { name: frm.docname });
	if (!frm.crm_unchecked) return go();
	frappe.confirm(escaped(__("Not all rows are checked yet. The import checks each of them before anything is stored, and lists those that can't be used. Go on?")), go);
}

async function follow(frm) {
	const { docname } = frm;
	frm.dashboard.clear_headline();
	const { state, checked } = JSON.parse(frm.doc.check_report || "{}");
	const checking = state === "Running" && !frm.doc.progress;
	frm.dashboard.set_headline(checking ? __("Rows checked: {0}", [count(checked)]) : __("Imported: {0} %", [Math.round(frm.doc.progress || 0)]));
	await new Promise((resolve) => setTimeout(resolve, PAUSE));
	if (cur_frm === frm && frm.docname === docname && ["Queued", "Running"].includes(frm.doc.status) && !frm.is_dirty()) frm.reload_doc();
}
