frappe.query_reports["Stage Dwell"] = {
	filters: [
		...crm_pipeline.scope_filters(["document_type", "company", "pipeline", "from_date", "to_date"]),
		{ fieldname: "working_days", fieldtype: "Check", label: __("Working Days") },
		...crm_pipeline.scope_filters(["sales_person", "sales_owner", "territory", "source_type", "channel", "campaign"]),
	],
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
	/** Deals that stand in a stage open as a list; those behind a count are asked of the server. */
	formatter(value, row, column, data, default_formatter) {
		const text = default_formatter(value, row, column, data);
		if (!data?.stage || !value) return text;
		if (column.fieldname === "standing") return crm_pipeline.list_link(text, data.doctype, data.routes.standing);
		if (!["documents", "over"].includes(column.fieldname)) return text;
		return crm_pipeline.behind_link(text, data.doctype, "get_documents_of_dwell", {
			filters: frappe.query_report.get_filter_values(),
			stage: data.stage,
			over_limit: column.fieldname === "over" ? 1 : 0,
		});
	},
};
