crm_pipeline.form("Duplicate Pair", () => {
	frappe.ui.form.on("Duplicate Pair", {
		refresh(frm) {
			frm.disable_save();
			frm.set_df_property("signs", "formatter", (value) => frappe.utils.escape_html((value || "").split(", ").map((sign) => __(sign)).join(", ")));
			const { document_type, document_name, other_name, decision } = frm.doc;
			if (decision) {
				frm.add_custom_button(__("Ask Again"), async () => {
					await crm_pipeline.call("unmark_not_duplicate", { pair: frm.docname });
					frm.reload_doc();
				});
				return;
			}
			frm.add_custom_button(__("Compare"), async () => {
				await crm_pipeline.load("crm_duplicates");
				crm_pipeline.compare_records(document_type, document_name, other_name);
			}).addClass("btn-primary");
			frm.add_custom_button(__("Not a Duplicate"), async () => {
				await crm_pipeline.call("mark_not_duplicate", { pair: frm.docname });
				frm.reload_doc();
			});
		},
	});
});
