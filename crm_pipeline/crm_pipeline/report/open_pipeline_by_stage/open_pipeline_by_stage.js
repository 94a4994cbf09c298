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
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
	/** Count and amounts open exactly those documents. */
	formatter(value, row, column, data, default_formatter) {
		const text = default_formatter(value, row, column, data);
		if (!["documents", "amount", "weighted"].includes(column.fieldname) || !data?.stage || !value) return text;
		const ask = { doctype: "Sales Opportunity", filters: data.filters, weighted: column.fieldname === "weighted" ? 1 : 0 };
		return crm_pipeline.ask_html(text, ask, `${data.label}: ${column.label}`);
	},
};
