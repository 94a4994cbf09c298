frappe.views.calendar["Sales Activity"] = {
	// An activity has a start and a duration in seconds; the calendar shows its start.
	field_map: { start: "starts_on", end: "starts_on", id: "name", title: "subject", status: "status" },
	style_map: { Planned: "info", Done: "success", Cancelled: "danger" },
	filters: [{ fieldtype: "Link", fieldname: "sales_owner", options: "User", label: __("Responsible") }],
	get_events_method: "frappe.desk.calendar.get_events",
};
