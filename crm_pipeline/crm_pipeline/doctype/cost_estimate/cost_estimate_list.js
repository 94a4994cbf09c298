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
	// A bar shows no loss. An element, because 16 hands the answer to jQuery.
	formatters: { margin_percentage: (value) => `<span>${format_number(value, null, 2)} %</span>` },
	onload: crm_pipeline.more_columns,
	hide_name_column: true,
};
