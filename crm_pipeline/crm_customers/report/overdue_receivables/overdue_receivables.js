frappe.query_reports["Overdue Receivables"] = {
	filters: [
		...crm_pipeline.scope_filters(["company"]),
		{ fieldname: "report_date", fieldtype: "Date", label: __("As Of"), default: frappe.datetime.get_today() },
		{
			fieldname: "group_by",
			fieldtype: "Select",
			label: __("Group By"),
			default: "Invoice",
			options: [
				{ value: "Invoice", label: __("Invoice") },
				{ value: "Sales Owner", label: __("Sales Owner") },
				{ value: "Customer", label: __("Customer") },
				{ value: "Contract", label: __("Contract") },
			],
		},
		{ fieldname: "customer", fieldtype: "Link", options: "Customer", label: __("Customer") },
		{ fieldname: "contract", fieldtype: "Link", options: "Sales Contract", label: __("Contract") },
		...crm_pipeline.scope_filters(["sales_person", "sales_owner"]),
		{
			fieldname: "account_currency",
			fieldtype: "Link",
			options: "Currency",
			label: __("Currency of the Account"),
		},
	],
	/** A group opens its documents; a promise opens itself, or is made from its row. */
	formatter(value, row, column, data, standard) {
		const html = standard(value, row, column, data);
		if (data?.key !== undefined && value && ["overdue", "documents"].includes(column.fieldname)) {
			const args = { filters: frappe.query_report.get_filter_values(), group: data.key };
			return crm_pipeline.behind_link(html, "Sales Invoice", "get_documents_of_overdue", args);
		}
		if (column.fieldname === "customer" && data?.customer_name && value) {
			return html.replace(/>[^<]*<\/a>/, `>${crm_pipeline.escaped(data.customer_name)}</a>`);
		}
		if (column.fieldname === "promise_status" && data?.voucher_type === "Sales Invoice") {
			const { promise_name: name, voucher_no } = data;
			if (name) return `<a href="/app/promise-to-pay/${encodeURIComponent(name)}">${crm_pipeline.escaped(value)}</a>`;
			if (!frappe.model.can_create("Promise to Pay")) return html;
			return `<a href="#" class="crm-promise" data-invoice="${crm_pipeline.escaped(voucher_no)}">${crm_pipeline.escaped(__("Promise"))}</a>`;
		}
		return html;
	},
	onload(report) {
		report.page.wrapper.on("click", "a.crm-promise", (event) => {
			event.preventDefault();
			crm_pipeline.make_promise(event.currentTarget.dataset.invoice);
		});
	},
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
};
