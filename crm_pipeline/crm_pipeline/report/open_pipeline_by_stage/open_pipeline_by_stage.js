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
	/** The count opens exactly those documents. */
	formatter(value, row, column, data, default_formatter) {
		const text = default_formatter(value, row, column, data);
		if (column.fieldname !== "documents" || !data?.stage) return text;
		const company = frappe.query_report.get_filter_value("company");
		const filters = [["company", "=", company], ["status", "=", "Open"], ["stage", "=", data.stage]];
		return crm_pipeline.list_link(text, "Sales Opportunity", filters);
	},
};
