frappe.listview_settings["Sales Contract"] = {
	add_fields: ["status", "currency"],
	get_indicator: crm_pipeline.indicator,
	onload: crm_pipeline.more_columns,
};
