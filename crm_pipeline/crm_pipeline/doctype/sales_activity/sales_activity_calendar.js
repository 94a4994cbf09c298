frappe.views.calendar["Sales Activity"] = {
	field_map: { start: "starts_on", end: "ends_on", id: "name", title: "subject", status: "status", color: "color" },
	// Late, then by priority, then by type: the server says so.
	get_events_method: "crm_pipeline.api.get_activity_events",
};
