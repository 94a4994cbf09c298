frappe.query_reports["Work Log"] = {
	filters: [
		...crm_pipeline.scope_filters(["company"]),
		{ fieldname: "from_date", fieldtype: "Date", label: __("From Date"), default: frappe.datetime.month_start() },
		{ fieldname: "to_date", fieldtype: "Date", label: __("To Date"), default: frappe.datetime.get_today() },
		{ fieldname: "sales_owner", fieldtype: "Link", options: "User", label: __("Person") },
		{ fieldname: "customer", fieldtype: "Link", options: "Customer", label: __("Customer") },
		{ fieldname: "way", fieldtype: "Link", options: "Sales Activity Type", label: __("Activity Type") },
	],
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
	/** A number of activities opens their list. */
	formatter(value, row, column, data, standard) {
		if (column.fieldname === "prospect" && data?.prospect_title) {
			return frappe.utils.get_form_link("Sales Prospect", value, true, frappe.utils.escape_html(data.prospect_title));
		}
		const html = standard(value, row, column, data);
		if (column.fieldname !== "activities" || !value || !data?.person) return html;
		const { from_date, to_date } = frappe.query_report.get_filter_values();
		const party = data.customer ? ["customer", "=", data.customer] : ["prospect", "=", data.prospect];
		const filters = [["status", "=", "Done"], ["sales_owner", "=", data.person], ["way", "=", data.way]];
		if (party[2]) filters.push(party);
		if (from_date) filters.push(["starts_on", ">=", from_date]);
		if (to_date) filters.push(["starts_on", "<", frappe.datetime.add_days(to_date, 1)]);
		return crm_pipeline.list_link(html, "Sales Activity", filters);
	},
};
