crm_pipeline.form("Sales Activity", () => {
	frappe.ui.form.on("Sales Activity", {
		setup: crm_pipeline.set_queries,
		async onload(frm) {
			if (frm.is_new() && !frm.doc.way) frm.set_value("way", await crm_pipeline.usual_activity_type());
		},
		reference_doctype: (frm) => frm.set_value("reference_name", null),
	});
});
