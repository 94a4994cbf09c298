/** From a number to the list of exactly the documents behind it. */

import { open_list } from "../shared/drill";
import { read } from "../shared/server";

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

/** Open the documents of a cell; asks which where opportunities and projects, or won and open ones, are behind it. */
export async function open_documents(filters, cell) {
	const parts = (await read("get_forecast_documents", { filters, cell })) || [];
	if (!parts.length) {
		frappe.show_alert(__("There is no document behind this number."));
		return;
	}
	if (parts.length === 1) {
		show_part(parts[0]);
		return;
	}
	const dialog = new frappe.ui.Dialog({ title: __("Documents behind This Number") });
	for (const part of parts) {
		const kind = part.won ? __("{0}: {1} won", [__(part.doctype), part.count]) : __("{0}: {1} open", [__(part.doctype), part.count]);
		$(`<button class="btn btn-default btn-block"></button>`)
			.text(kind)
			.appendTo(dialog.body)
			.on("click", () => {
				dialog.hide();
				show_part(part);
			});
	}
	dialog.show();
}

function show_part({ doctype, filters, names, count }) {
	if (!filters && count > names.length) {
		frappe.show_alert(__("The {0} most valuable of {1} documents are shown.", [names.length, count]), 8);
	}
	return open_list(doctype, filters || [["name", "in", names.join(",")]]);
}

/** The same for a link in the report Sales Forecast. */
export function open_from_report(link) {
	const cell = JSON.parse(link.dataset.cell);
	open_documents(frappe.query_report.get_filter_values(), cell);
}
