/** Where deals are not won by hand: the document that wins one is made instead. */

import { ask } from "./server";

/** Ask which document wins the deal, by the steps of its pipeline; `make(method)` makes it with a function of api/. */
export function ask_winner(rules, make) {
	const options = [];
	if (rules.contract_step !== "Off" && frappe.model.can_create("Sales Contract")) {
		options.push({ value: "make_contract", label: __("A contract, when it is submitted") });
	}
	if (rules.contract_step !== "Required" && rules.quotation_step !== "Required" && frappe.model.can_create("Sales Order Request")) {
		options.push({ value: "make_order_request", label: __("An order request, when it is accepted") });
	}
	if (!options.length) {
		frappe.msgprint(__("A deal of this pipeline is won by its submitted contract or its accepted order request."));
		return null;
	}
	const field = { fieldname: "method", fieldtype: "Select", label: __("Won By"), options, default: options[options.length - 1].value, reqd: 1 };
	return ask(__("Which Document Wins the Deal?"), [field], __("Create"), async ({ method }, dialog) => {
		dialog.hide();
		await make(method);
	});
}
