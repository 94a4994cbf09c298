frappe.listview_settings["Customer Discussion"] = {
	hide_name_column: true,
	add_fields: ["pinned", "closed", "answers", "prospect", "last_answer_by"],
	get_indicator(doc) {
		if (doc.closed) return [__("Read Only"), "gray", "closed,=,1"];
		if (doc.pinned) return [__("On Top"), "blue", "pinned,=,1"];
		if (!doc.answers) return [__("No Answer Yet"), "orange", "answers,=,0|closed,=,0"];
		return [__("Discussed"), "green", "answers,>,0|closed,=,0"];
	},
	formatters: {
		last_answer_on(value, df, doc) {
			if (!value) return "<span></span>";
			const said = `${frappe.datetime.prettyDate(value, true)}, ${frappe.user.full_name(doc.last_answer_by)}`;
			const text = frappe.utils.escape_html(said);
			return `<span title="${text}">${text}</span>`;
		},
	},
	onload(listview) {
		listview.$page.addClass("crm-list crm-look");
	},
};
