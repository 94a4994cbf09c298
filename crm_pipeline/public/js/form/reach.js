/** Whom to ring and to write to, below the party of a deal. */

import { escaped } from "../shared/html";

/** `frm.doc.__onload.reach` is what parties/reach.py knows. */
export function show_reach(frm) {
	const { contact_name, phone, email_id } = frm.doc.__onload?.reach || {};
	const parts = [
		contact_name && escaped(contact_name),
		phone && `<a href="tel:${escaped(phone.replace(/[^\d+]/g, ""))}">${escaped(phone)}</a>`,
		email_id && `<a href="mailto:${escaped(encodeURIComponent(email_id))}">${escaped(email_id)}</a>`,
	].filter(Boolean);
	for (const fieldname of ["customer", "prospect"]) {
		const field = frm.fields_dict[fieldname];
		if (!field) continue;
		const here = frm.doc[fieldname] && (fieldname === "customer" || !frm.doc.customer) && !frm.is_new();
		field.set_description(here ? parts.join(" · ") : "");
	}
}
