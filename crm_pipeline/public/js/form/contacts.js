/** The people of a document: rung and written to from the table, known ones hinted, and made Contacts. */

import { escaped } from "../shared/html";
import { ask, call, read } from "../shared/server";

const TABLE = "Sales Deal Contact";
const LINKS = {
	email_id: (value) => `mailto:${encodeURIComponent(value)}`,
	phone: (value) => `tel:${value.replace(/[^\d+]/g, "")}`,
	mobile_no: (value) => `tel:${value.replace(/[^\d+]/g, "")}`,
};

frappe.ui.form.on(TABLE, { email_id: hint, phone: hint, mobile_no: hint });

/** Whose number or address was typed; what was typed stays. */
async function hint(frm, doctype, name) {
	const row = locals[doctype]?.[name];
	if (!row || row.contact) return;
	for (const text of [row.email_id, row.phone, row.mobile_no].filter(Boolean)) {
		const found = (await read("find_person", { text }).catch(() => [])) || [];
		const known = found.slice(0, 3).map((one) => `${one.title} (${__(one.doctype)})`);
		if (known.length) frappe.show_alert({ message: escaped(__("Known: {0}", [known.join(", ")])), indicator: "orange" }, 10);
	}
}

export function show_contacts(frm) {
	const grid = frm.fields_dict.contacts?.grid;
	if (!grid) return;
	// A Contact that is made from a row belongs to the party of the document.
	const [link_doctype, fieldname] = frm.doc.customer ? ["Customer", "customer"] : ["Sales Prospect", "prospect"];
	if (frm.doc[fieldname]) frappe.dynamic_link = { doc: frm.doc, fieldname, doctype: link_doctype };
	for (const [field, href] of Object.entries(LINKS)) {
		grid.update_docfield_property(field, "formatter", (value) =>
			value ? `<a href="${escaped(href(value))}" onclick="event.stopPropagation()">${escaped(value)}</a>` : ""
		);
	}
	offer_contacts(frm, grid);
}

const loose_rows = (frm) =>
	(frm.doc.contacts || []).filter((row) => !row.contact && (row.contact_name || row.email_id || row.phone || row.mobile_no));

function offer_contacts(frm, grid) {
	const label = __("Make Contacts");
	const loose = frm.is_new() || frm.doc.docstatus || !frm.perm[0]?.write ? [] : loose_rows(frm);
	const $button = grid.add_custom_button(label, () => make(frm));
	$button?.toggle(Boolean(loose.length && frappe.model.can_create("Contact")));
	const names = loose.map((row) => row.contact_name || row.email_id || row.phone || row.mobile_no);
	frm.set_df_property("contacts", "description", names.length ? escaped(__("Not a contact yet: {0}", [names.join(", ")])) : "");
}

async function make(frm, chosen = {}) {
	try {
		if (frm.is_dirty()) await frm.save();
		const unclear = await call("make_contacts", { doctype: frm.doctype, name: frm.docname, chosen: JSON.stringify(chosen) });
		await frm.reload_doc();
		if (unclear.length) ask_who(frm, unclear);
		else frappe.show_alert({ message: __("Everybody is a contact now"), indicator: "green" });
	} catch {
		// The server has said why.
	}
}

/** Of somebody who may be a contact already, a person says who it is. */
function ask_who(frm, unclear) {
	const fields = unclear.map(({ row, name, contacts }) => ({
		fieldname: row,
		fieldtype: "Select",
		label: escaped(name),
		reqd: 1,
		options: [
			...contacts.map((one) => ({ value: one.name, label: escaped([one.title, one.detail].filter(Boolean).join(" · ")) })),
			{ value: "-", label: __("Somebody else: make a new contact") },
		],
	}));
	ask(__("Is It the Same Person?"), fields, __("Save"), (values, dialog) => {
		dialog.hide();
		const chosen = Object.fromEntries(Object.entries(values).map(([row, contact]) => [row, contact === "-" ? "" : contact]));
		return make(frm, chosen);
	});
}
