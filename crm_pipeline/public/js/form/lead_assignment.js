/** A rule that gives leads: its own condition as filters, and who would get what before it counts. */

import { escaped } from "../shared/html";
import { call, read } from "../shared/server";
import { choose_segments, show_own_filters } from "./own_filters";
import { people_query } from "../shared/people_query";

const LEAD = "Sales Lead";
const LAST = 50;

export function lead_assignment_form() {
	frappe.ui.form.on("Lead Assignment Rule", {
		setup(frm) {
			frm.set_query("user", "members", people_query);
			frm.set_query("next_rule", () => ({ filters: { name: ["!=", frm.docname], disabled: 0 } }));
			choose_segments(frm, () => LEAD);
			frm.set_query("item", () => ({ filters: { disabled: 0 } }));
		},
		refresh(frm) {
			show_own_filters(frm, LEAD);
			if (!frm.perm[0]?.write) return;
			frm.add_custom_button(__("Rehearsal"), () => rehearse(frm));
			frm.add_custom_button(__("Assign Now"), () => assign_now());
		},
	});
}

async function rehearse(frm) {
	if (frm.is_dirty()) await frm.save();
	const dialog = new frappe.ui.Dialog({
		title: __("Rehearsal"),
		size: "extra-large",
		fields: [
			{ fieldname: "last", fieldtype: "Int", label: __("Latest Open Leads"), default: LAST },
			{ fieldname: "rows", fieldtype: "HTML" },
		],
		primary_action_label: __("Show"),
		primary_action: ({ last }) => show_rows(dialog, last),
	});
	dialog.show();
	show_rows(dialog, LAST);
}

async function show_rows(dialog, last) {
	const rows = await read("get_assignment_rehearsal", { last: Math.min(Math.max(last || LAST, 1), 500) });
	dialog.fields_dict.rows.$wrapper.html(rows.length ? table(rows) : empty());
}

function empty() {
	return `<p class="text-muted">${escaped(__("There are no open leads to show"))}</p>`;
}

/** Nothing is written: every text comes from records that people typed in. */
function table(rows) {
	const heads = [__("Lead"), __("Sales Owner"), __("Would Get It"), __("Rule"), __("Rules before It")];
	const body = rows.map((row) => {
		const passed = row.passed.map(({ rule_title, why }) => `${rule_title}: ${why}`).join("; ");
		const who = row.user ? row.full_name : __("Nobody");
		const rule = row.rule ? `${row.rule_title} (${row.method})` : "";
		const owner = row.owner ? row.owner_name : "";
		const link = `<a href="${escaped(frappe.utils.get_form_link(LEAD, row.lead))}">${escaped(row.title || row.lead)}</a>`;
		const cells = [owner, who, rule, passed].map((text) => `<td>${escaped(text)}</td>`).join("");
		return `<tr><td>${link}<div class="text-muted">${escaped(row.party_name || "")}</div></td>${cells}</tr>`;
	});
	const head = heads.map((text) => `<th>${escaped(text)}</th>`).join("");
	return `<div style="overflow-x:auto"><table class="table table-sm"><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

export function assign_now() {
	frappe.confirm(__("Give all open leads without an owner by the rules now? It is done in the background."), async () => {
		await call("assign_leads");
		frappe.show_alert({ message: __("The leads are being given"), indicator: "green" });
	});
}
