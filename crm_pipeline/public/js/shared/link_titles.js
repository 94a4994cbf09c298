/** Titles in links to our documents: the server sends along those that the user may read. */

import { TITLED } from "./registry";

/** Have links show titles, wherever they are. */
export function show_link_titles() {
	const shown = frappe.boot?.link_title_doctypes;
	shown?.push(...TITLED.filter((doctype) => !shown.includes(doctype)));
}

/** Take the titles along that come with the documents of these DocTypes. */
export function take_link_titles(doctypes) {
	for (const doctype of doctypes) frappe.ui.form.on(doctype, { before_load: take, onload: take, refresh: take });
}

function take(frm) {
	const titles = Object.entries(frm.doc.__onload?.link_titles || {});
	const fresh = titles.filter(([key, title]) => frappe._link_titles?.[key] !== title);
	for (const [key, title] of fresh) frappe.utils.add_link_title(...key.split("::", 2), title);
	if (fresh.length) frm.refresh_fields();
}
