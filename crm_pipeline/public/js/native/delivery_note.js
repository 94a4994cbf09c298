crm_pipeline.watch_native_ribbon(["Delivery Note"]);

frappe.ui.form.on("Delivery Note", {
	refresh(frm) {
		if (frm.is_new() || !frappe.model.can_create("Customer Case")) return;
		const about = { reference_doctype: frm.doctype, reference_name: frm.docname, customer: frm.doc.customer, company: frm.doc.company, contact: frm.doc.contact_person };
		crm_pipeline.after_native(frm, () => frm.add_custom_button(__("Customer Case"), () => frappe.new_doc("Customer Case", about), __("Create")));
	},
});
