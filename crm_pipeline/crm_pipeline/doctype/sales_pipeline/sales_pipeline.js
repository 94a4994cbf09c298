crm_pipeline.form("Sales Pipeline", () => {
	frappe.ui.form.on("Sales Pipeline", { refresh: crm_pipeline.show_stage_table });
});
