frappe.query_reports["Open Pipeline by Stage"] = {
	filters: [
		{
			fieldname: "company",
			fieldtype: "Link",
			options: "Company",
			label: __("Company"),
			default: frappe.defaults.get_user_default("Company"),
			reqd: 1,
		},
		{
			fieldname: "pipeline",
			fieldtype: "Link",
			options: "Sales Pipeline",
			label: __("Pipeline"),
			get_query: () => ({ filters: { applies_to: "Sales Opportunity" } }),
		},
	],
};
