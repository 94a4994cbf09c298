/** Guests on ERPNext's forms: its own scripts go first and wait for nothing of ours. */

import { lazily } from "./lazy";
import { read } from "./server";

const show_ribbon = lazily("show_ribbon");
const show_warnings = lazily("show_warnings");
const watched = new Set();

/** The ribbon on ERPNext's own forms: after everything of theirs, and only where there is a chain. */
export function watch_native_ribbon(doctypes) {
	for (const doctype of doctypes) {
		if (watched.has(doctype)) continue;
		watched.add(doctype);
		frappe.ui.form.on(doctype, {
			refresh(frm) {
				if (frm.doc.__onload?.crm_chain) after_native(frm, () => show_ribbon(frm));
				else frm.$crm_head?.children(".crm-head-ribbon").empty();
			},
		});
	}
}

/** Warnings about the customer of a form: loaded where there are any. */
export function watch_warnings(frm) {
	const name = frm.docname;
	if (frm.crm_warned && frm.crm_warned !== name) show_warnings(frm, name);
	if (frm.is_new()) return;
	after_native(frm, async () => {
		const answer = await read("get_warnings", { doctype: frm.doctype, name });
		if (frm.crm_warned || answer?.warnings.length) show_warnings(frm, name, answer);
	});
}

/**
 * Do something once the form's own refresh is through and its requests are answered, so that our buttons stand behind
 * its own and our requests slow none of it down. Not done when the form shows another document by then.
 */
export async function after_native(frm, what) {
	const { docname } = frm;
	const turn = (frm.crm_turn = (frm.crm_turn || 0) + 1);
	frm.crm_waiting = [...(frm.crm_waiting || []), what];
	await quiet();
	// The last one who waits does the work of all, in their order and once.
	if (frm.crm_turn !== turn) return;
	const work = frm.crm_waiting;
	frm.crm_waiting = [];
	if (frm.docname === docname) work.forEach((each) => each());
}

/** Until the scripts that run now, and those that wait for an answer, have had their turn. */
async function quiet() {
	do {
		await new Promise((resolve) => setTimeout(resolve));
		await frappe.after_ajax();
		await new Promise((resolve) => setTimeout(resolve));
	} while (frappe.request.ajax_count);
}
