crm_pipeline.watch_native_ribbon(["Quotation"]);

frappe.ui.form.on("Quotation", {
	refresh(frm) {
		crm_pipeline.after_native(frm, () => offer_customer(frm));
		crm_pipeline.watch_warnings(frm);
		if (frm.doc.docstatus === 0 && !frm.is_new() && frm.doc.crm_source_type) crm_pipeline.after_native(frm, () => crm_pipeline.offer_override(frm));
		crm_pipeline.after_native(frm, () => crm_pipeline.log_button(frm));
		const open = frm.doc.docstatus === 1 && frm.doc.quotation_to === "Customer" && !["Lost", "Expired"].includes(frm.doc.status);
		if (!open) return;
		crm_pipeline.after_native(frm, () => {
			// The server refuses it anyway: the order desk makes the orders of this pipeline.
			if (frm.doc.__onload?.crm_by_desk) frm.remove_custom_button(__("Sales Order"), __("Create"));
			const add = (label, doctype, method) => {
				if (!frappe.model.can_create(doctype)) return;
				const source = { doctype: frm.doctype, name: frm.docname };
				frm.add_custom_button(label, () => crm_pipeline.load("crm_forms").then(() => crm_pipeline.ask_unpriced(frm, () => crm_pipeline.act(frm, method, source))), __("Create"));
			};
			add(__("Sales Contract"), "Sales Contract", "make_contract");
			if (frm.doc.status !== "Ordered") add(__("Order Request"), "Sales Order Request", "make_order_request");
		});
	},
});

/** A folded place for what is to be known of the customer; nothing is loaded before it is opened. */
function offer_customer(frm) {
	const { quotation_to, party_name } = frm.doc;
	frm.$crm_customer?.remove();
	frm.$crm_customer = null;
	if (frm.is_new() || !party_name || quotation_to !== "Customer" || !frappe.model.can_read("Customer")) return;
	const summary = $("<summary></summary>").text(__("About the Customer"));
	const area = $("<div></div>");
	frm.$crm_customer = $('<details class="crm-customer-panel crm-look"></details>').append(summary, area);
	// Below the ribbon, whichever came first.
	if (frm.$crm_head) frm.$crm_customer.insertAfter(frm.$crm_head);
	else frm.$crm_customer.insertBefore(frm.body);
	frm.$crm_customer.on("toggle", async ({ target }) => {
		if (!target.open) return;
		await crm_pipeline.load("crm_customer360");
		crm_pipeline.fill_customer_panel(area[0], "Customer", party_name, frm.doc.company);
	});
}
