crm_pipeline.form("Sales Activity", () => {
	frappe.ui.form.on("Sales Activity", {
		setup(frm) {
			crm_pipeline.set_queries(frm);
			// Frappe puts the time zone behind it, and finds no translation of both.
			frm.set_df_property("due_on", "description", __("By when it has to be done; empty: when it starts"));
		},
		async onload(frm) {
			if (frm.is_new() && !frm.doc.way) frm.set_value("way", await crm_pipeline.usual_activity_type());
		},
		reference_doctype: (frm) => frm.set_value("reference_name", null),
	});
});
