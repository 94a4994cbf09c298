crm_pipeline.form("Customer Discussion", () => {
	frappe.ui.form.on("Customer Discussion", {
		setup(frm) {
			crm_pipeline.set_queries(frm);
			// People are mentioned in the text as they are in an answer; of a new document Frappe knows nobody involved.
			Object.assign(frm.fields_dict.text, {
				enable_mentions: true,
				prioritize_involved_users_in_mention: (people) => people,
			});
		},
		refresh(frm) {
			const managers = ["Sales Manager", "Sales Master Manager", "System Manager"];
			frm.toggle_enable("pinned", frappe.user.has_role(managers));
			if (frm.doc.closed) frm.set_intro(__("This discussion is closed: it is read, and answered no more."), "blue");
		},
	});
});
