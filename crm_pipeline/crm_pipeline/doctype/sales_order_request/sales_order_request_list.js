frappe.listview_settings["Sales Order Request"] = crm_pipeline.list_settings({
	add_fields: ["currency"],
	hide_name_column: false,
	// "Returned" says more than "Cancelled".
	has_indicator_for_cancelled: true,
});
