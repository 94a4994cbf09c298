crm_pipeline.form("Sales Project", () => {
	crm_pipeline.chain_form("Sales Project");
	crm_pipeline.deal_form("Sales Project");

	frappe.ui.form.on("Sales Project", {
		refresh(frm) {
			if (frm.is_new() || !frm.perm[0]?.write) return;
			const name = { name: frm.docname };
			if (!frm.doc.erp_project && frm.doc.status !== "Lost" && frappe.model.can_create("Project")) {
				frm.add_custom_button(__("ERPNext Project"), () => crm_pipeline.act(frm, "make_erp_project", name), __("Create"));
			}
			if (frm.doc.status === "Won" || (frm.doc.status === "Open" && frm.doc.project_type !== "Sales")) {
				const complete = () => crm_pipeline.act(frm, "complete_project", name, { message: __("Completed") });
				frm.add_custom_button(__("Complete"), complete, __("Close"));
			}
		},
	});
});
