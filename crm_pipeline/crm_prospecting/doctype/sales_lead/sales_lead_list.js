frappe.listview_settings["Sales Lead"] = crm_pipeline.list_settings({
	formatters: { channel: (value) => `<span>${crm_pipeline.escaped(__(value))}</span>` },
});
