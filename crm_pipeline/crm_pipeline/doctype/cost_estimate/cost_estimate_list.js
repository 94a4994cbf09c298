frappe.listview_settings["Cost Estimate"] = {
	has_indicator_for_draft: true,
	has_indicator_for_cancelled: true,
	get_indicator(doc) {
		const [name, colour] = crm_pipeline.states_of("Cost Estimate")[doc.docstatus];
		return [__(name, null, "Cost Estimate"), colour, `docstatus,=,${doc.docstatus}`];
	},
	// A bar shows no loss. An element, because 16 hands the answer to jQuery.
	formatters: { margin_percentage: (value) => `<span>${format_number(value, null, 2)} %</span>` },
	onload: crm_pipeline.more_columns,
	hide_name_column: true,
};
