frappe.query_reports["Forecast Movement"] = {
	filters: [
		...crm_pipeline.scope_filters(["company"]),
		{
			fieldname: "first",
			fieldtype: "Date",
			label: __("A Day of the Period"),
			default: frappe.datetime.get_today(),
			reqd: 1,
		},
		...crm_pipeline.scope_filters(["by", "scope", "pipeline", "territory", "sales_person", "sales_owner"]),
	],
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
};
