frappe.query_reports["Case Times"] = {
	filters: [
		...crm_pipeline.scope_filters(["company", "from_date", "to_date"]),
		{
			fieldname: "group_by",
			fieldtype: "Select",
			label: __("Group By"),
			default: "Severity",
			options: [
				{ value: "Severity", label: __("Severity") },
				{ value: "Channel", label: __("Channel") },
				{ value: "Team", label: __("Team") },
				{ value: "Responsible", label: __("Responsible") },
				{ value: "Kind", label: __("Kind") },
			],
		},
		{ fieldname: "severity", fieldtype: "Link", options: "Case Severity", label: __("Severity") },
		{ fieldname: "way", fieldtype: "Link", options: "Sales Activity Type", label: __("Channel") },
		{ fieldname: "responsible", fieldtype: "Link", options: "User", label: __("Responsible") },
		...crm_pipeline.scope_filters(["sales_person", "sales_owner"]),
	],
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
	formatter(value, row, column, data, default_formatter) {
		const text = default_formatter(value, row, column, data);
		const route = value && data?.routes?.[column.fieldname];
		return route ? crm_pipeline.list_link(text, "Customer Case", route) : text;
	},
};
