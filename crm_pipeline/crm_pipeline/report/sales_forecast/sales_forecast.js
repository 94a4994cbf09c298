frappe.query_reports["Sales Forecast"] = {
	filters: [
		...crm_pipeline.scope_filters(["company", "scope", "by"]),
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
		...crm_pipeline.scope_filters([
			"measure", "pipeline", "territory", "sales_person", "sales_owner", "channel", "campaign", "item_code", "item_group",
		]),
	],
	onload() {
		crm_pipeline.load("crm_forecast");
	},
	after_datatable_render: () => crm_pipeline.load("crm_figures").then(() => crm_pipeline.link_figures()),
	/** A number opens exactly the documents behind it. */
	formatter(value, row, column, data, default_formatter) {
		const text = default_formatter(value, row, column, data);
		if (data?.bold && column.fieldname === "label") return `<b>${text}</b>`;
		if (["part", "label"].includes(column.fieldname) || !value || !data) return text;
		const cell = {
			column: column.fieldname === "documents" ? "all" : column.fieldname,
			first: data.first,
			last: data.last,
			outside: data.outside,
			dimension: data.part === undefined ? undefined : crm_pipeline.forecast?.dimensions[frappe.query_report.get_filter_value("split_by")],
			key: data.key,
		};
		const data_cell = frappe.utils.escape_html(JSON.stringify(cell));
		return `<a href="#" onclick="crm_pipeline.forecast.open_from_report(this); return false" data-cell="${data_cell}">${text}</a>`;
	},
};
