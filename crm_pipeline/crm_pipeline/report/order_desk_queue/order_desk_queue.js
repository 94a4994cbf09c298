frappe.query_reports["Order Desk Queue"] = {
	filters: [
		...crm_pipeline.scope_filters(["company"]),
		{
			fieldname: "status",
			fieldtype: "Select",
			label: __("Show"),
			default: "Requested",
			options: [
				{ value: "Requested", label: __("Waiting for the Order Desk") },
				{ value: "Returned", label: __("Returned to Sales") },
			],
		},
		{ fieldname: "customer", fieldtype: "Link", options: "Customer", label: __("Customer") },
		...crm_pipeline.scope_filters(["sales_owner"]),
	],
	// The words say it, too: colour is not the only sign.
	formatter(value, row, column, data, standard) {
		const html = standard(value, row, column, data);
		const alarm = { delivery_date: data?.late, stock: data?.short, credit: data?.credit_over };
		if (column.fieldname === "customer" && data?.customer_name) {
			return `<span title="${crm_pipeline.escaped(data.customer)}">${html.replace(/>[^<]*<\/a>/, `>${crm_pipeline.escaped(data.customer_name)}</a>`)}</span>`;
		}
		return alarm[column.fieldname] ? `<span class="crm-late">${html}</span>` : html;
	},
	onload: () => crm_pipeline.load("crm_kit"),
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
};
