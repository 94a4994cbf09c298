/** Who is there already, below the field in which somebody types. */

import { asked_by, says_who, typed_values } from "../core/same_ones";
import { escaped } from "../shared/html";
import { read } from "../shared/server";

const WAIT = 300; // milliseconds without a key
let asked = 0;
let timer = null;

/** The form or quick entry that an input belongs to: {doctype, dialog or frm}. */
function place_of(input) {
	const dialog = frappe.quick_entry?.dialog;
	if (dialog?.$wrapper?.[0]?.contains(input)) return { doctype: frappe.quick_entry.doctype, dialog };
	const frm = window.cur_frm;
	return $(frm?.wrapper)[0]?.contains(input) ? { doctype: frm.doctype, frm } : {};
}

/** Look, once nothing was typed for a moment, where the field says who somebody is. */
export function look_for_same(input) {
	const place = place_of(input);
	const { fieldname, doctype: table } = input.dataset;
	if (!place.doctype || !says_who(place.doctype, fieldname, table)) return;
	clearTimeout(timer);
	timer = setTimeout(() => look(input, place), WAIT);
}

async function look(input, { doctype, dialog, frm }) {
	const turn = ++asked;
	const values = { ...(frm ? frm.doc : dialog.doc), ...(dialog ? entered(dialog) : {}) };
	const { fieldname, doctype: table } = input.dataset;
	// A row of a Contact says its address or number.
	if (table === "Contact Email") values.email_id = input.value;
	else if (table === "Contact Phone") values.phone = input.value;
	else values[fieldname] = input.value;
	const record = frm && !frm.is_new() ? frm.docname : null;
	const typed = JSON.stringify(asked_by(doctype, fieldname, table, typed_values(doctype, values)));
	const answer = await read("find_similar", { doctype, values: typed, record }).catch(() => null);
	if (turn === asked && answer) show(input, answer);
}

/** What stands in the inputs of a dialog: asking the dialog itself would empty a mandatory field that is being typed in. */
function entered(dialog) {
	const inputs = Object.entries(dialog.fields_dict).filter(([, field]) => field.$input);
	return Object.fromEntries(inputs.map(([fieldname, field]) => [fieldname, field.$input.val()]));
}

function show(input, { found, hidden, ask }) {
	const field = input.closest(".frappe-control[data-fieldtype='Table']") || input.closest(".frappe-control");
	field.querySelectorAll(".crm-same").forEach((box) => box.remove());
	if (!found.length && !hidden.length) return;
	const box = document.createElement("div");
	box.className = "crm-same";
	box.setAttribute("role", "status");
	box.innerHTML = [found.length ? found_html(found) : "", ...hidden.map((doctype) => hidden_html(doctype, ask))].join("");
	field.append(box);
}

function found_html(found) {
	const rows = found.map((row) => {
		const href = frappe.utils.get_form_link(row.doctype, row.name);
		const detail = [__(row.doctype), row.detail, row.signs.join(", ")].filter(Boolean).join(" · ");
		return `<li><a href="${escaped(href)}" target="_blank" rel="noopener">${escaped(row.title)}</a> <span>${escaped(detail)}</span></li>`;
	});
	return `<div class="crm-same-head">${escaped(__("There already:"))}</div><ul>${rows.join("")}</ul>`;
}

function hidden_html(doctype, ask) {
	const there = __("There is a {0} like this that you have no right to see.", [__(doctype)]);
	const whom = ask.length ? __("Ask {0}.", [ask.join(", ")]) : __("Ask a sales manager.");
	return `<div class="crm-same-hidden">${escaped(`${there} ${whom}`)}</div>`;
}
