frappe.query_reports["Owner History"] = {
	filters: [
		...crm_pipeline.scope_filters(["company"]),
		{
			fieldname: "document_type",
			fieldtype: "Select",
			label: __("Document Type"),
			options: ["", "Customer", "Sales Prospect", "Sales Lead", "Sales Opportunity", "Sales Project", "Sales Contract", "Sales Order Request", "Sales Activity", "Customer Case", "Promise to Pay"].map((value) => ({ value, label: value && __(value) })),
		},
		{ fieldname: "document", fieldtype: "Data", label: __("Document") },
		{ fieldname: "user", fieldtype: "Link", options: "User", label: __("Sales Owner") },
		{ fieldname: "from_date", fieldtype: "Date", label: __("From Date") },
		{ fieldname: "to_date", fieldtype: "Date", label: __("To Date") },
	],
};
