crm_pipeline.form("Sales Order Request", () => {
	crm_pipeline.chain_form("Sales Order Request");

	frappe.ui.form.on("Sales Order Request", {
		refresh(frm) {
			if (frm.doc.docstatus !== 1 || frm.doc.status !== "Requested") return;
			if (!frm.doc.__onload?.may_accept) {
				frm.dashboard.set_headline(__("Waiting for the order desk"), "blue");
				return;
			}
			frm.add_custom_button(__("Accept"), () => crm_pipeline.ask_acceptance(frm)).addClass("btn-primary");
			frm.add_custom_button(__("Return to Sales"), () => ask_return(frm));
		},
	});
});

function ask_return(frm) {
	crm_pipeline.ask(
		__("Return to Sales"),
		[{ fieldname: "reason", fieldtype: "Small Text", label: __("Reason"), reqd: 1 }],
		__("Return to Sales"),
		(values, dialog) => crm_pipeline.act(frm, "return_request", { name: frm.docname, ...values }, { dialog })
	);
}
