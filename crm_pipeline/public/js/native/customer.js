frappe.ui.form.on("Customer", {
	refresh(frm) {
		if (frm.is_new() || frm.doc.disabled) return;
		crm_pipeline.after_native(frm, () => {
			const add = (label, doctype, values) => {
				if (!frappe.model.can_create(doctype)) return;
				frm.add_custom_button(label, () => frappe.new_doc(doctype, values), __("Create"));
			};
			add(__("Sales Lead"), "Sales Lead", { customer: frm.docname });
			add(__("Sales Opportunity"), "Sales Opportunity", { customer: frm.docname });
			crm_pipeline.log_button(frm);
		});
	},
});
