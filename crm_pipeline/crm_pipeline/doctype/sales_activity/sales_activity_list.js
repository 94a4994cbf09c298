frappe.listview_settings["Sales Activity"] = crm_pipeline.list_settings();
