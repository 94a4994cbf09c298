/** From a figure of a report to the list of its documents. */

import { address_pairs } from "../core/filters";
import { escaped } from "./html";
import { load } from "./lazy";

/** The address of a list with filters [field, operator, value]; a field may come several times. */
export function list_address(doctype, filters) {
	return `/app/${frappe.router.slug(doctype)}?${new URLSearchParams(address_pairs(filters))}`;
}

/** `html` as a link to the dialog of the documents of such a list; in a tab of its own, to the list. */
export function list_link(html, doctype, filters) {
	return ask_html(html, { doctype, filters });
}

/** `html` as a link to the dialog of the documents that a function of api/ answers. */
export function behind_link(html, doctype, method, args) {
	return ask_html(html, { doctype, method, args });
}

/** `html` as a link to the dialog of an `ask`: {doctype, filters, weighted} of a list, or {doctype, method, args}. */
export function ask_html(html, ask, title = "", attributes = 'class="crm-drill"') {
	const address = ask.method ? "#" : list_address(ask.doctype, ask.filters);
	return `<a href="${escaped(address)}" ${attributes} data-ask="${escaped(JSON.stringify(ask))}" data-title="${escaped(title)}">${html}</a>`;
}

/** Follow our links before Desk's own handler does, which knows one filter per field only. */
export function watch_drill() {
	document.addEventListener("click", follow, true);
}

async function follow(event) {
	const link = event.target.closest?.("a.crm-drill");
	const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.button;
	const ask = link && JSON.parse(link.dataset.ask);
	if (!ask || (elsewhere && !ask.method)) return;
	event.preventDefault();
	event.stopPropagation();
	await open_ask(ask, link.dataset.title);
}

/** The dialog of an `ask`, see ask_html(). */
export async function open_ask({ doctype, filters, weighted, method, args }, title) {
	await load("crm_figures");
	const listed = { method: "get_documents_listed", args: { doctype, filters, weighted: weighted || 0 } };
	crm_pipeline.show_documents({ title, doctype, filters, ask: method ? { method, args } : listed });
}
