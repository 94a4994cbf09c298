frappe.query_reports["Win and Loss"] = {
	filters: [
		{
			fieldname: "group_by",
			fieldtype: "Select",
			label: __("Group By"),
			default: "Reason",
			options: [
				{ value: "Reason", label: __("Reason") },
				{ value: "Competitor", label: __("Competitor") },
				{ value: "Product", label: __("Product") },
				{ value: "Size", label: __("Size", null, "Deal") },
				{ value: "Sales Person", label: __("Sales Person") },
				{ value: "Sales Owner", label: __("Sales Owner") },
				{ value: "Channel", label: __("Channel") },
				{ value: "Stage Reached", label: __("Stage Reached") },
				{ value: "Month", label: __("Month") },
				{ value: "Lessons", label: __("Lessons Learned") },
			],
		},
		...crm_pipeline.scope_filters(["document_type", "company", "from_date", "to_date", "pipeline"]),
		{
			fieldname: "size_limits",
			fieldtype: "Data",
			label: __("Size Limits"),
			default: "1000, 10000, 100000",
			depends_on: "eval:doc.group_by === 'Size'",
		},
		...crm_pipeline.scope_filters(["sales_person", "sales_owner", "territory", "source_type", "channel", "campaign"]),
	],
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
	/** Counts and amounts open exactly those documents. */
	formatter(value, row, column, data, default_formatter) {
		const counted = {
			won: { outcome: "Won" },
			won_amount: { outcome: "Won" },
			lost_amount: { outcome: "Lost" },
			before: { before: 1 },
		}[column.fieldname];
		let text = default_formatter(value, row, column, data);
		const route = value ? data?.routes?.[column.fieldname] : null;
		if (route) text = crm_pipeline.list_link(text, data.doctype, route);
		else if (value && counted && data?.routes) {
			const args = { filters: frappe.query_report.get_filter_values(), key: data.key, ...counted };
			text = crm_pipeline.behind_link(text, data.doctype, "get_documents_of_closed", args);
		}
		return data?.is_total ? `<b>${text}</b>` : text;
	},
};
