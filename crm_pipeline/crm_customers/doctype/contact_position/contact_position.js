frappe.ui.form.on("Contact Position", {
	setup(frm) {
		frm.set_query("reports_to", () => ({ filters: { customer: frm.doc.customer || "", name: ["!=", frm.docname] } }));
	},
	refresh(frm) {
		if (frm.is_new()) return;
		frm.add_custom_button(__("Organisation Chart"), () => {
			frappe.set_route("people-and-relations", { doctype: "Customer", name: frm.doc.customer });
		});
		if (!frm.perm[0]?.write || frm.doc.to_date) return;
		frm.add_custom_button(__("Moved To"), async () => {
			await crm_pipeline.load("crm_people");
			crm_pipeline.ask_move(frm.doc, () => frm.reload_doc());
		});
	},
});
