frappe.listview_settings["Sales Help Request"] = {
	add_fields: ["status"],
	get_indicator: crm_pipeline.indicator,
	hide_name_column: true,
};
