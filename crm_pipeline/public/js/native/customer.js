frappe.ui.form.on("Customer", {
	refresh(frm) {
		if (frm.is_new()) return;
		crm_pipeline.after_native(frm, () => {
			frm.add_custom_button(__("Customer 360°"), () => frappe.set_route("customer-360", "Customer", frm.docname));
			frm.add_custom_button(
				__("People and Relations"),
				() => frappe.set_route("people-and-relations", "Customer", frm.docname),
				__("View")
			);
			if (frm.doc.disabled) return;
			const add = (label, doctype, values) => {
				if (!frappe.model.can_create(doctype)) return;
				frm.add_custom_button(label, () => frappe.new_doc(doctype, values), __("Create"));
			};
			add(__("Sales Lead"), "Sales Lead", { customer: frm.docname });
			add(__("Sales Opportunity"), "Sales Opportunity", { customer: frm.docname });
			if (frappe.model.can_create("Promise to Pay")) {
				frm.add_custom_button(__("Promise to Pay"), () => crm_pipeline.choose_owed_invoice(frm.docname), __("Create"));
			}
			add(__("Customer Case"), "Customer Case", { customer: frm.docname });
			crm_pipeline.log_button(frm);
			crm_pipeline.show_pool(frm);
		});
	},
});
