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
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
	/** Every count and every amount opens exactly those documents. */
	formatter(value, row, column, data, default_formatter) {
		const text = default_formatter(value, row, column, data);
		const amounts = { entered_before: "entered", amount: "entered", here_amount: "here", weighted: "here" };
		const counts = ["entered", "advanced", "lost", "moved_back", "here"];
		const kind = counts.includes(column.fieldname) ? column.fieldname : amounts[column.fieldname];
		if (!kind || !data?.stage || !value) return text;
		const before = column.fieldname === "entered_before" ? data.days_before : {};
		return crm_pipeline.behind_link(text, data.doctype, "get_funnel_documents", {
			filters: { ...frappe.query_report.get_filter_values(), ...before, part: data.part },
			kind,
			stage: data.stage,
			weighted: column.fieldname === "weighted" ? 1 : 0,
		});
	},
};
