crm_pipeline.watch_native_ribbon(["Sales Invoice"]);

frappe.ui.form.on("Sales Invoice", {
	refresh(frm) {
		const { docstatus, is_return, outstanding_amount } = frm.doc;
		if (docstatus !== 1 || is_return || !(outstanding_amount > 0) || !frappe.model.can_create("Promise to Pay")) return;
		crm_pipeline.after_native(frm, () => {
			frm.add_custom_button(__("Promise to Pay"), () => crm_pipeline.make_promise(frm.docname), __("Create"));
		});
	},
});
