frappe.listview_settings["Sales Contract"] = crm_pipeline.list_settings({
	add_fields: ["currency"],
	hide_name_column: false,
});
