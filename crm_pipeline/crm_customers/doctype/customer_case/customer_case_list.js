frappe.listview_settings["Customer Case"] = crm_pipeline.list_settings({
	add_fields: ["due_by"],
	/** Those that are late stand out. */
	get_indicator(doc) {
		const now = frappe.datetime.system_datetime();
		const late = doc.due_by && doc.status !== "Waiting" && doc.due_by < now && crm_pipeline.is_open("Customer Case", doc.status);
		return late ? [__("Late"), "red", `due_by,<,${now}|status,=,${doc.status}`] : crm_pipeline.indicator(doc);
	},
});
