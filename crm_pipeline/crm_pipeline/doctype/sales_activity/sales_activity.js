frappe.ui.form.on("Sales Activity", {
	setup(frm) {
		crm_pipeline.set_queries(frm);
		const about = [
			"Sales Campaign", "Sales Prospect", "Sales Lead", "Sales Opportunity", "Sales Project", "Quotation",
			"Sales Contract", "Sales Order Request", "Sales Order", "Customer",
		];
		frm.set_query("reference_doctype", () => ({ filters: { name: ["in", about] } }));
	},
	reference_doctype: (frm) => frm.set_value("reference_name", null),
});
