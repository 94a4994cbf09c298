frappe.listview_settings["Sales Import"] = crm_pipeline.list_settings();
