frappe.listview_settings["Sales Lead"] = {
	add_fields: ["status"],
	get_indicator: crm_pipeline.indicator,
	onload: crm_pipeline.more_columns,
	hide_name_column: true,
	formatters: { channel: (value) => `<span>${crm_pipeline.escaped(__(value))}</span>` },
};
