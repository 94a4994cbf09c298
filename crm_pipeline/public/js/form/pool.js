/** The public pool on a form: since when the record is there, and who wants it claims it. */

import { date_text, escaped } from "../shared/html";
import { act, ask, call } from "../shared/server";

const prefix = (frm) => (frm.doctype === "Customer" ? "crm_" : "");

export function show_pool(frm) {
	if (frm.is_new() || (!frm.fields_dict.pool_since && !frm.fields_dict.crm_pool_since)) return;
	const since = frm.doc[`${prefix(frm)}pool_since`];
	const about = { doctype: frm.doctype, name: frm.docname };
	if (since) {
		const text = __("In the public pool since {0}", [date_text(since)]);
		frm.dashboard.add_comment(text, "blue", true);
		const claim = () => act(frm, "claim_from_pool", about, { message: __("It is yours") });
		frm.add_custom_button(__("Claim"), claim).addClass("btn-primary");
		return;
	}
	const owner = frm.doc[frm.doctype === "Customer" ? "account_manager" : "sales_owner"];
	if (owner === frappe.session.user && frm.perm[0]?.write) {
		frm.add_custom_button(__("Release to the Pool"), () => ask_release(frm), __("Actions"));
	}
}

function ask_release(frm) {
	ask(
		__("Release to the Pool"),
		[{ fieldname: "reason", fieldtype: "Data", label: __("Reason"), reqd: 1 }],
		__("Release"),
		async ({ reason }, dialog) => {
			const args = { doctype: frm.doctype, names: JSON.stringify([frm.docname]), reason };
			const answer = await call("release_to_pool", args).catch(() => null);
			if (!answer) return;
			dialog.hide();
			const [refused] = answer.refused;
			if (refused) frappe.msgprint({ message: escaped(refused.reason), indicator: "orange" });
			// It may be out of sight by now.
			else frappe.set_route("List", frm.doctype);
		}
	);
}
