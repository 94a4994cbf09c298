frappe.query_reports["Forecast Movement"] = {
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
			fieldname: "first",
			fieldtype: "Date",
			label: __("A Day of the Period"),
			default: frappe.datetime.get_today(),
			reqd: 1,
		},
		{
			fieldname: "by",
			fieldtype: "Select",
			label: __("Period"),
			options: [
				{ value: "Month", label: __("Month") },
				{ value: "Quarter", label: __("Quarter") },
			],
			default: "Month",
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
		{ fieldname: "pipeline", fieldtype: "Link", options: "Sales Pipeline", label: __("Pipeline") },
		{ fieldname: "territory", fieldtype: "Link", options: "Territory", label: __("Territory") },
		{ fieldname: "sales_person", fieldtype: "Link", options: "Sales Person", label: __("Sales Person or Team") },
		{ fieldname: "sales_owner", fieldtype: "Link", options: "User", label: __("Sales Owner") },
	],
};
