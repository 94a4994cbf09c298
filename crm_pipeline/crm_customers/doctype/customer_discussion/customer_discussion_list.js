frappe.listview_settings["Customer Discussion"] = {
	hide_name_column: true,
	add_fields: ["pinned", "closed", "answers", "prospect"],
	get_indicator(doc) {
		if (doc.closed) return [__("Read Only"), "gray", "closed,=,1"];
		if (doc.pinned) return [__("On Top"), "blue", "pinned,=,1"];
		if (!doc.answers) return [__("No Answer Yet"), "orange", "answers,=,0|closed,=,0"];
		return [__("Discussed"), "green", "answers,>,0|closed,=,0"];
	},
	onload(listview) {
		listview.$page.addClass("crm-list crm-look");
	},
};
