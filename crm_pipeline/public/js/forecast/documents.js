/** From a number to exactly the documents behind it. */

import { show_documents } from "../shared/documents";

/** Split as people choose it -> dimension of the server. */
export const DIMENSIONS = {
	Team: "team",
	"Sales Person": "sales_person",
	"Sales Owner": "sales_owner",
	Territory: "territory",
	Product: "item_code",
	"Product Group": "item_group",
	Customer: "customer",
	Pipeline: "pipeline",
	Stage: "stage",
};

/** Open the documents of a cell, won and open ones, opportunities and projects together; `changed` follows a reassignment. */
export function open_documents(filters, cell, changed) {
	const doctype = filters.scope === "Sales Projects" ? "Sales Project" : "Sales Opportunity";
	show_documents({ doctype, ask: { method: "get_documents_of_forecast", args: { filters, cell } }, changed });
}

/** The same for a link in the report Sales Forecast. */
export function open_from_report(link) {
	const cell = JSON.parse(link.dataset.cell);
	open_documents(frappe.query_report.get_filter_values(), cell);
}
