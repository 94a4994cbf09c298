frappe.query_reports["Stalled Deals"] = {
	filters: [
		...crm_pipeline.scope_filters(["document_type", "company", "pipeline"], { any: __("All Deals") }),
		{
			fieldname: "signal",
			fieldtype: "Select",
			label: __("Reason"),
			options: [
				{ value: "", label: __("Any Reason") },
				{ value: "over_dwell", label: __("Too Long in Its Stage") },
				{ value: "silent", label: __("No Word from the Customer") },
				{ value: "pushed", label: __("Close Date Pushed") },
				{ value: "overdue_close", label: __("Close Date Has Passed") },
				{ value: "no_next_step", label: __("No Next Step") },
				{ value: "no_decision_maker", label: __("No Decision Maker") },
				{ value: "no_quotation", label: __("No Quotation") },
				{ value: "odd_amount", label: __("Unusual Amount") },
			],
		},
		...crm_pipeline.scope_filters(["sales_person", "sales_owner", "territory", "source_type", "channel", "campaign"]),
	],
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
};
