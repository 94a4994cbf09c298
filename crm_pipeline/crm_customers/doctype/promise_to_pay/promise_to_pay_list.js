frappe.listview_settings["Promise to Pay"] = crm_pipeline.list_settings({ hide_name_column: true });
