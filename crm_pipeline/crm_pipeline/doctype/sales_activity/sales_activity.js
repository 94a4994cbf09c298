crm_pipeline.form("Sales Activity", () => {
	frappe.ui.form.on("Sales Activity", {
		setup: crm_pipeline.set_queries,
		reference_doctype: (frm) => frm.set_value("reference_name", null),
	});
});
