frappe.listview_settings["Sales Handover"] = crm_pipeline.list_settings();
