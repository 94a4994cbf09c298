frappe.query_reports["Public Pool Movement"] = {
	filters: [
		...crm_pipeline.scope_filters(["company"]),
		{
			fieldname: "group_by",
			fieldtype: "Select",
			label: __("Group By"),
			default: "Week",
			options: [["Week", __("Week")], ["Rule", __("Rule")], ["Person", __("Person")], ["Document Type", __("Document Type")]].map(([value, label]) => ({ value, label })),
		},
		...crm_pipeline.scope_filters(["from_date", "to_date"]),
	],
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
	formatter(value, row, column, data, default_formatter) {
		const text = default_formatter(value, row, column, data);
		const route = value && data?.routes?.[column.fieldname];
		return route ? crm_pipeline.list_link(text, "Pool Movement", route) : text;
	},
};
