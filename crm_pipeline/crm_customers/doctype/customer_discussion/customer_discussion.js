// People are mentioned in the text as they are in an answer.
frappe.meta.get_docfield("Customer Discussion", "text").enable_mentions = true;

crm_pipeline.form("Customer Discussion", () => {
	frappe.ui.form.on("Customer Discussion", {
		setup: crm_pipeline.set_queries,
		refresh(frm) {
			const managers = ["Sales Manager", "Sales Master Manager", "System Manager"];
			frm.toggle_enable("pinned", frappe.user.has_role(managers));
			if (frm.doc.closed) frm.set_intro(__("This discussion is closed: it is read, and answered no more."), "blue");
		},
	});
});
