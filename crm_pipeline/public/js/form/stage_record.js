/** The form of a Pipeline Stage: which fields a gate may ask for, and whether its deals follow a new outlook. */

import { read } from "../shared/server";

const LAYOUT = ["Section Break", "Column Break", "Tab Break", "HTML", "Button", "Heading", "Fold", "Image"];

export function stage_form() {
	frappe.ui.form.on("Pipeline Stage", { refresh: offer_fields, pipeline: offer_fields, before_save: ask_about_deals });
}

/** Another probability or category: do the open deals that have the old one get the new one? */
async function ask_about_deals(frm) {
	delete frm.doc.__keep_deals;
	if (frm.is_new() || frm.doc.stage_type !== "Open") return;
	const { deals, ...stored } = await read("get_stage_followers", { stage: frm.docname });
	const changed = Object.keys(stored).filter((field) => stored[field] !== frm.doc[field]);
	const count = Math.max(0, ...changed.map((field) => deals[field]));
	if (!count) return;
	const labels = changed.map((field) => __(frappe.meta.get_label(frm.doctype, field))).join(", ");
	const question = __("Open deals with the former {0} of this stage: {1}. Should they get the new one? Deals for which somebody set their own keep it.", [labels, count]);
	if (!(await confirmed(question))) frm.doc.__keep_deals = 1;
}

/** Whether the user says yes; no and closing the dialog are a no. */
function confirmed(question) {
	return new Promise((resolve) => {
		const dialog = frappe.confirm(question, () => resolve(true), () => resolve(false));
		dialog?.$wrapper.on("hidden.bs.modal", () => resolve(false));
	});
}

async function offer_fields(frm) {
	if (!frm.doc.pipeline) return;
	const answer = await frappe.db.get_value("Sales Pipeline", frm.doc.pipeline, "applies_to");
	const doctype = answer.message?.applies_to;
	if (!doctype) return;
	await frappe.model.with_doctype(doctype);
	const options = frappe
		.get_meta(doctype)
		.fields.filter((df) => !LAYOUT.includes(df.fieldtype) && !df.hidden)
		.map((df) => ({ value: df.fieldname, label: __(df.label, null, doctype), description: df.fieldname }));
	frm.fields_dict.gates.grid.update_docfield_property("fieldname", "options", options);
}
