/** The form of a Pipeline Stage: which fields a gate may ask for. */

const LAYOUT = ["Section Break", "Column Break", "Tab Break", "HTML", "Button", "Heading", "Fold", "Image"];

export function stage_form() {
	frappe.ui.form.on("Pipeline Stage", { refresh: offer_fields, pipeline: offer_fields });
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
