frappe.listview_settings["Sales Memo"] = { hide_name_column: true };
