frappe.listview_settings["Pipeline Event"] = { hide_name_column: true };
