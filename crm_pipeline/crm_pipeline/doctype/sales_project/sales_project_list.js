frappe.listview_settings["Sales Project"] = {
	add_fields: ["status", "currency"],
	get_indicator: crm_pipeline.indicator,
	onload: crm_pipeline.more_columns,
	hide_name_column: true,
};
