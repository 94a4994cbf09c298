frappe.query_reports["Sales Funnel"] = {
	filters: [
		...crm_pipeline.scope_filters(["company", "pipeline"]),
		{
			...crm_pipeline.scope_filters(["from_date"])[0],
			default: frappe.datetime.add_months(frappe.datetime.month_start(), -11),
		},
		{ ...crm_pipeline.scope_filters(["to_date"])[0], default: frappe.datetime.get_today() },
		{
			fieldname: "basis",
			fieldtype: "Select",
			label: __("Deals"),
			default: "Opened in Period",
			options: ["Opened in Period", "Entered Stage in Period"].map((value) => ({ value, label: __(value) })),
		},
		{
			fieldname: "group_by",
			fieldtype: "Select",
			label: __("Group By"),
			options: ["", "Month", "Territory", "Team", "Sales Person", "Sales Owner", "Source", "Channel", "Campaign"].map((value) => ({
				value,
				label: value ? __(value) : __("No Groups"),
			})),
		},
		...crm_pipeline.scope_filters(["territory", "sales_person", "sales_owner", "source_type", "channel", "campaign"]),
	],
	/** Every count opens exactly those documents. */
	formatter(value, row, column, data, default_formatter) {
		const text = default_formatter(value, row, column, data);
		const counts = ["entered", "advanced", "lost", "moved_back", "here"];
		if (!counts.includes(column.fieldname) || !data?.stage || !value) return text;
		return crm_pipeline.behind_link(text, data.doctype, "get_funnel_documents", {
			filters: { ...frappe.query_report.get_filter_values(), part: data.part },
			kind: column.fieldname,
			stage: data.stage,
		});
	},
};
