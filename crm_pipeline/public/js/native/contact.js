frappe.ui.form.on("Contact", {
	refresh: (frm) => crm_pipeline.after_native(frm, () => crm_pipeline.log_button(frm)),
});
