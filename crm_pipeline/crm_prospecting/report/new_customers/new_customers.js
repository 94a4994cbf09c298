frappe.query_reports["New Customers"] = {
	filters: [
		...crm_pipeline.scope_filters(["from_date", "to_date"]),
		{
			fieldname: "group_by",
			fieldtype: "Select",
			label: __("Group By"),
			default: "Territory",
			options: [["Territory", __("Territory")], ["Province", __("Province")], ["City", __("City")], ["Customer Group", __("Customer Group")], ["Day", __("Day")]].map(([value, label]) => ({ value, label })),
		},
		...crm_pipeline.scope_filters(["territory"]),
	],
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
	formatter(value, row, column, data, default_formatter) {
		const text = default_formatter(value, row, column, data);
		const route = value && data?.routes?.[column.fieldname];
		return route ? crm_pipeline.list_link(text, "Customer", route) : text;
	},
};
