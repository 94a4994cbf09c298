frappe.listview_settings["Sales Opportunity"] = {
	add_fields: ["status", "currency", "is_stalled", "stalled_score"],
	get_indicator: crm_pipeline.health_indicator,
	onload: crm_pipeline.more_columns,
	hide_name_column: true,
};
