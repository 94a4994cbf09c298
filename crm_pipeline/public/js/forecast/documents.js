/** From a number to the list of exactly the documents behind it. */

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

/** Open the documents of a cell; asks which kind where there are opportunities and projects behind it. */
export async function open_documents(filters, cell) {
	const found = await read("get_forecast_documents", { filters, cell });
	const kinds = Object.entries(found || {});
	if (!kinds.length) {
		frappe.show_alert(__("There is no document behind this number."));
		return;
	}
	if (kinds.length === 1) {
		open_list(...kinds[0]);
		return;
	}
	const dialog = new frappe.ui.Dialog({ title: __("Documents behind This Number") });
	for (const [doctype, told] of kinds) {
		$(`<button class="btn btn-default btn-block">${__(doctype)}: ${told.count}</button>`)
			.appendTo(dialog.body)
			.on("click", () => {
				dialog.hide();
				open_list(doctype, told);
			});
	}
	dialog.show();
}

function open_list(doctype, { names, count }) {
	if (count > names.length) {
		frappe.show_alert(__("The {0} most valuable of {1} documents are shown.", [names.length, count]), 8);
	}
	frappe.route_options = { name: ["in", names.join(",")] };
	frappe.set_route("List", doctype, "List");
}

/** The same for a link in the report Sales Forecast. */
export function open_from_report(link) {
	const cell = JSON.parse(link.dataset.cell);
	open_documents(frappe.query_report.get_filter_values(), cell);
}
