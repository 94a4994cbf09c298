/** A folded place beside a form for what is to be known of its customer. Until it is opened it asks for nothing. */

import { load } from "../shared/lazy";

const PARTIES = ["Customer", "Sales Prospect"];

export function offer_customer_panel(frm, doctype, name) {
	frm.$crm_customer?.remove();
	if (frm.is_new() || !name || !PARTIES.includes(doctype) || !frappe.model.can_read(doctype)) return;
	const summary = $("<summary></summary>").text(__("About the Customer"));
	const area = $("<div></div>");
	frm.$crm_customer = $(`<details class="crm-customer-panel crm-look"></details>`).append(summary, area).insertBefore(frm.body);
	frm.$crm_customer.on("toggle", async ({ target }) => {
		if (!target.open) return;
		await load("crm_customer360");
		crm_pipeline.fill_customer_panel(area[0], doctype, name, frm.doc.company);
	});
}
