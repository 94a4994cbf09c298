crm_pipeline.watch_native_ribbon(["Sales Order"]);

frappe.ui.form.on("Sales Order", {
	refresh(frm) {
		crm_pipeline.watch_warnings(frm);
		const direct = !frm.doc.crm_source_name;
		frm.set_df_property("crm_source_type", "description", direct ? __("Created Directly") : "");
		crm_pipeline.after_native(frm, () => crm_pipeline.log_button(frm));
		if (frm.is_new() || !frappe.model.can_create("Customer Case")) return;
		const about = { reference_doctype: frm.doctype, reference_name: frm.docname, customer: frm.doc.customer, company: frm.doc.company, contact: frm.doc.contact_person };
		crm_pipeline.after_native(frm, () => frm.add_custom_button(__("Customer Case"), () => frappe.new_doc("Customer Case", about), __("Create")));
	},
});
