frappe.listview_settings["Sales Order Request"] = {
	add_fields: ["status", "currency"],
	get_indicator: crm_pipeline.indicator,
	onload: crm_pipeline.more_columns,
	// "Returned" says more than "Cancelled".
	has_indicator_for_cancelled: true,
};
