frappe.query_reports["Contract to Cash"] = {
	filters: [
		...crm_pipeline.scope_filters(["company"]),
		{ fieldname: "customer", fieldtype: "Link", options: "Customer", label: __("Customer") },
		{ fieldname: "from_date", fieldtype: "Date", label: __("Contract Date From") },
		{ fieldname: "to_date", fieldtype: "Date", label: __("Contract Date To") },
		{
			fieldname: "status",
			fieldtype: "Select",
			label: __("Status"),
			options: ["", "Active", "Fulfilled", "Expired", "Terminated"].map((value) => ({ value, label: value && __(value, null, "Sales Contract") })),
		},
		...crm_pipeline.scope_filters(["sales_person", "sales_owner"]),
		{
			fieldname: "shown_in",
			fieldtype: "Select",
			label: __("Amounts In"),
			default: "Company Currency",
			options: [
				{ value: "Company Currency", label: __("Company Currency") },
				{ value: "Contract Currency", label: __("Contract Currency") },
			],
		},
	],
	tree: true,
	name_field: "title",
	initial_depth: 1,
	formatter(value, row, column, data, standard) {
		const name = column.fieldname;
		// What is not told by payment term is not nothing.
		if (data?.indent === 1 && [undefined, null].includes(value) && column.fieldtype === "Currency") return "";
		const html = standard(value, row, column, data);
		if (data?.contract && value && ["ordered", "delivered", "billed", "paid"].includes(name)) {
			const shown_in = frappe.query_report.get_filter_value("shown_in") || undefined;
			return crm_pipeline.behind_link(html, "Sales Order", "get_documents_of_contract", { contract: data.contract, number: name, shown_in });
		}
		if (name === "invoices" && value && frappe.model.can_read("Sales Invoice")) {
			return value
				.split(", ")
				.map((invoice) => `<a href="/app/sales-invoice/${encodeURIComponent(invoice)}">${crm_pipeline.escaped(invoice)}</a>`)
				.join(", ");
		}
		if (name === "customer" && data?.customer_name && value) {
			return html.replace(/>[^<]*<\/a>/, `>${crm_pipeline.escaped(data.customer_name)}</a>`);
		}
		return data?.indent === 0 && name === "title" ? `<b>${html}</b>` : html;
	},
};
