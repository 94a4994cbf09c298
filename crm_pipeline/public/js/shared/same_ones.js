/** Whoever enters a party or a person sees who is there already; two records can be merged. See ../duplicates. */

import { load } from "./lazy";

const TYPES = ["Customer", "Sales Prospect", "Sales Lead", "Contact"];

export function watch_same_ones() {
	const ready = () => load("crm_duplicates");
	document.addEventListener("input", async ({ target }) => {
		const { doctype } = frappe.quick_entry || window.cur_frm || {};
		if (!target.dataset?.fieldname || !TYPES.includes(doctype)) return;
		await ready();
		crm_pipeline.look_for_same(target);
	});
	const refresh = (frm) => {
		if (frm.is_new() || !frm.perm[0]?.write) return;
		frm.page.add_menu_item(__("Merge With"), () => ready().then(() => crm_pipeline.compare_records(frm.doctype, frm.docname)));
	};
	for (const doctype of TYPES) frappe.ui.form.on(doctype, { refresh });
}
