frappe.listview_settings["Sales Project"] = crm_pipeline.list_settings({
	add_fields: ["currency", "is_stalled", "stalled_score"],
	get_indicator: crm_pipeline.health_indicator,
});
