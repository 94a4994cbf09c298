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
	/** People by their names, types of documents in the reader's language. */
	formatter(value, row, column, data, standard) {
		if (column.fieldname === "document_type") return frappe.utils.escape_html(__(value || ""));
		const name = column.options === "User" && data?.[`${column.fieldname}_name`];
		return name ? frappe.utils.escape_html(name) : standard(value, row, column, data);
	},
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
};
