/** Beside a deal, folded: what is to be known of its customer. Until it is opened nothing is loaded for it. */

import { load } from "../shared/lazy";
import { after_native } from "../shared/native";
import { set_fold } from "./folds";

export function offer_customer_panel(frm) {
	const [doctype, name] = frm.doc.customer ? ["Customer", frm.doc.customer] : ["Sales Prospect", frm.doc.prospect];
	if (frm.is_new() || !name || !frappe.model.can_read(doctype)) {
		set_fold(frm, "customer");
		return;
	}
	const panel = set_fold(frm, "customer", { summary: __("Customer"), html: `<div data-part="customer"></div>` });
	const [area] = panel.find("[data-part=customer]");
	const fill = async () => {
		if (panel[0].hidden) return;
		await load("crm_customer360");
		crm_pipeline.fill_customer_panel(area, doctype, name, frm.doc.company);
	};
	// The button has turned it by then.
	frm.$crm_head.find(".crm-fold-customer").on("click", fill);
	after_native(frm, fill);
}
