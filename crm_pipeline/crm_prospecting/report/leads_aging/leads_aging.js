frappe.query_reports["Leads Aging"] = {
	filters: [
		...crm_pipeline.scope_filters(["company"]),
		{
			fieldname: "group_by",
			fieldtype: "Select",
			label: __("Group By"),
			default: "Owner",
			options: [["Owner", __("Sales Owner")], ["Channel", __("Channel")], ["Campaign", __("Campaign")], ["Territory", __("Territory")]].map(([value, label]) => ({ value, label })),
		},
		...crm_pipeline.scope_filters(["sales_person", "territory"]),
	],
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
	formatter(value, row, column, data, default_formatter) {
		const text = default_formatter(value, row, column, data);
		const route = value && data?.routes?.[column.fieldname];
		return route ? crm_pipeline.list_link(text, "Sales Lead", route) : text;
	},
};
