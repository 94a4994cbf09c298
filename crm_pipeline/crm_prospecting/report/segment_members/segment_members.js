frappe.query_reports["Segment Members"] = {
	filters: [
		{ fieldname: "segment", fieldtype: "Link", options: "Sales Segment", label: __("Segment"), reqd: 1 },
		{
			fieldname: "snapshot",
			fieldtype: "Link",
			options: "Sales Segment Snapshot",
			label: __("Snapshot"),
			get_query: () => ({ filters: { segment: frappe.query_report.get_filter_value("segment") } }),
		},
	],
};
