frappe.listview_settings["Sales Prospect"] = crm_pipeline.list_settings({
	formatters: { channel: (value) => `<span>${crm_pipeline.escaped(__(value))}</span>` },
});
