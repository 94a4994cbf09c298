frappe.query_reports["Data Quality"] = {
	filters: [
		{
			fieldname: "document_type",
			fieldtype: "Select",
			label: __("Type"),
			options: [
				{ value: "", label: __("All Types") },
				...["Customer", "Sales Prospect", "Sales Lead"].map((value) => ({ value, label: __(value) })),
			],
		},
		{
			fieldname: "group",
			fieldtype: "Select",
			label: __("Group"),
			options: [
				{ value: "", label: __("All Faults") },
				{ value: "Unreachable", label: __("Unreachable") },
				{ value: "Missing", label: __("Missing") },
				{ value: "Doubled", label: __("Doubled") },
				{ value: "Outdated", label: __("Outdated") },
			],
		},
		...crm_pipeline.scope_filters(["sales_person", "sales_owner"]),
		{ fieldname: "count", fieldtype: "Int", label: __("Outdated after Days"), default: 180 },
	],
};
