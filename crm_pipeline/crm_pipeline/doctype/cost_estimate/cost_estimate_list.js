frappe.listview_settings["Cost Estimate"] = {
	has_indicator_for_draft: true,
	has_indicator_for_cancelled: true,
	get_indicator(doc) {
		const states = [
			[__("Draft"), "orange"],
			[__("Approved"), "green"],
			[__("Cancelled"), "gray"],
		];
		return [...states[doc.docstatus], `docstatus,=,${doc.docstatus}`];
	},
	onload: crm_pipeline.more_columns,
};
