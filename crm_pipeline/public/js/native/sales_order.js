crm_pipeline.watch_native_ribbon(["Sales Order"]);

frappe.ui.form.on("Sales Order", {
	refresh(frm) {
		crm_pipeline.watch_warnings(frm);
		const direct = !frm.doc.crm_source_name;
		frm.set_df_property("crm_source_type", "description", direct ? __("Created Directly") : "");
		crm_pipeline.after_native(frm, () => crm_pipeline.log_button(frm));
	},
});
