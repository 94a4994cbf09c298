frappe.query_reports["Sales Forecast"] = {
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
			fieldname: "scope",
			fieldtype: "Select",
			label: __("Scope"),
			options: [
				{ value: "Both", label: __("Opportunities and Sales Projects") },
				{ value: "Opportunities", label: __("Opportunities") },
				{ value: "Sales Projects", label: __("Sales Projects") },
			],
			default: "Both",
		},
		{
			fieldname: "by",
			fieldtype: "Select",
			label: __("By"),
			options: [
				{ value: "Month", label: __("Month") },
				{ value: "Quarter", label: __("Quarter") },
			],
			default: "Month",
		},
		{ fieldname: "count", fieldtype: "Int", label: __("Number of Periods"), default: 6 },
		{ fieldname: "start", fieldtype: "Date", label: __("From"), default: frappe.datetime.get_today() },
		{
			fieldname: "split_by",
			fieldtype: "Select",
			label: __("Split By"),
			options: [
				"", "Team", "Sales Person", "Sales Owner", "Territory", "Product", "Product Group", "Customer", "Pipeline", "Stage",
			].map((value) => ({ value, label: value ? __(value) : __("Not Split") })),
		},
		{
			fieldname: "measure",
			fieldtype: "Select",
			label: __("Measure"),
			options: [
				{ value: "Amount", label: __("Amount") },
				{ value: "Quantity", label: __("Quantity") },
			],
			default: "Amount",
		},
		{ fieldname: "pipeline", fieldtype: "Link", options: "Sales Pipeline", label: __("Pipeline") },
		{ fieldname: "territory", fieldtype: "Link", options: "Territory", label: __("Territory") },
		{ fieldname: "sales_person", fieldtype: "Link", options: "Sales Person", label: __("Sales Person or Team") },
		{ fieldname: "sales_owner", fieldtype: "Link", options: "User", label: __("Sales Owner") },
		{ fieldname: "campaign", fieldtype: "Link", options: "Sales Campaign", label: __("Campaign") },
		{ fieldname: "item_code", fieldtype: "Link", options: "Item", label: __("Product") },
		{ fieldname: "item_group", fieldtype: "Link", options: "Item Group", label: __("Product Group") },
	],
	onload() {
		frappe.require("crm_forecast.bundle.js");
	},
	/** A number opens exactly the documents behind it. */
	formatter(value, row, column, data, default_formatter) {
		const text = default_formatter(value, row, column, data);
		const opens = { documents: "all", signed: 1, commit: 1, best_case: 1, pipeline: 1, overdue: 1 }[column.fieldname];
		if (data?.bold && column.fieldname === "label") return `<b>${text}</b>`;
		if (!opens || !value || !data) return text;
		const cell = {
			column: opens === 1 ? column.fieldname : opens,
			first: data.first,
			last: data.last,
			outside: data.outside,
			dimension: data.part === undefined ? undefined : crm_pipeline.forecast?.dimensions[frappe.query_report.get_filter_value("split_by")],
			key: data.key,
		};
		const told = frappe.utils.escape_html(JSON.stringify(cell));
		return `<a href="#" onclick="crm_pipeline.forecast.open_from_report(this); return false" data-cell="${told}">${text}</a>`;
	},
};
