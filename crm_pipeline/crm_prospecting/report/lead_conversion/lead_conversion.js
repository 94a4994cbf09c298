frappe.query_reports["Lead Conversion"] = {
	filters: [
		...crm_pipeline.scope_filters(["company", "from_date", "to_date"]),
		{
			fieldname: "group_by",
			fieldtype: "Select",
			label: __("Group By"),
			default: "Channel",
			options: [["Channel", __("Channel")], ["Campaign", __("Campaign")], ["Territory", __("Territory")], ["Owner", __("Sales Owner")], ["Week", __("Week")]].map(([value, label]) => ({ value, label })),
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
