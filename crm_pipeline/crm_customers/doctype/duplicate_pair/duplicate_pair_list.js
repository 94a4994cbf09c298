frappe.listview_settings["Duplicate Pair"] = {
	hide_name_column: true,
	add_fields: ["decision"],
	filters: [["decision", "is", "not set"]],
	get_indicator: (doc) => (doc.decision ? [__("Two"), "gray", "decision,=,Two"] : [__("Suspected"), "orange", "decision,is,not set"]),
};
