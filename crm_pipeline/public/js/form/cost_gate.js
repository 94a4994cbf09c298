/** A Quotation that the cost gate would refuse: who may let it pass gives a reason and submits it. */

import { escaped } from "../shared/html";
import { DEALS } from "../shared/registry";
import { ask, read } from "../shared/server";

// A lead is asked for the deals that came of it.
const SOURCES = ["Sales Lead", ...DEALS];
const REASON = "crm_margin_override_reason";

export async function offer_override(frm) {
	if (!SOURCES.includes(frm.doc.crm_source_type) || !frm.perm[0]?.submit) return;
	const name = frm.docname;
	const gate = await read("get_cost_gate");
	if (!gate.may_override || frm.docname !== name || frm.doc.docstatus) return;
	if (frm.doc[REASON]) {
		frm.dashboard.set_headline_alert(__("May pass the cost gate by override: {0}", [escaped(frm.doc[REASON])]), "orange");
	}
	frm.add_custom_button(__("Override Cost Gate"), () => ask_reason(frm));
}

function ask_reason(frm) {
	const field = {
		fieldname: "reason",
		fieldtype: "Small Text",
		label: __("Reason"),
		reqd: 1,
		default: frm.doc[REASON],
		description: __("It is kept in the history of the deal with your name, the margin and the floor."),
	};
	ask(__("Submit Without Passing the Cost Gate"), [field], __("Submit"), async ({ reason }, dialog) => {
		await frm.set_value(REASON, reason);
		dialog.hide();
		await frm.save();
		frm.savesubmit();
	});
}
