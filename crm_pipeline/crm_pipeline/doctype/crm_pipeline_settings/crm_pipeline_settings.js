crm_pipeline.form("CRM Pipeline Settings", () => {
	crm_pipeline.settings_form();
	frappe.ui.form.on("CRM Pipeline Settings", { setup: crm_pipeline.set_queries });
});
