frappe.listview_settings["Sales Campaign"] = {
	add_fields: ["status"],
	get_indicator: crm_pipeline.indicator,
	onload: crm_pipeline.more_columns,
	hide_name_column: true,
};
