/** From a figure of a report to the list of its documents. */

import { address_pairs, route_options } from "../core/filters";
import { escaped } from "./html";
import { read } from "./server";

/** The address of a list with filters [field, operator, value]; a field may come several times. */
export function list_address(doctype, filters) {
	return `/app/${frappe.router.slug(doctype)}?${new URLSearchParams(address_pairs(filters))}`;
}

/** `html` as a link to such a list. */
export function list_link(html, doctype, filters) {
	return link_html(html, list_address(doctype, filters), { doctype, filters });
}

/** `html` as a link that asks api/ for the names behind a figure first. */
export function behind_link(html, doctype, method, args) {
	return link_html(html, "#", { doctype, method, args });
}

function link_html(html, address, ask) {
	return `<a href="${escaped(address)}" class="crm-drill" data-ask="${escaped(JSON.stringify(ask))}">${html}</a>`;
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
	const filters = ask.method ? await filters_behind(ask) : ask.filters;
	if (filters) await open_list(ask.doctype, filters);
}

async function filters_behind({ method, args }) {
	const found = await read(method, { ...args, filters: JSON.stringify(args.filters) });
	if (!found?.names.length) return null;
	if (found.more) {
		frappe.show_alert({ message: __("The first {0} are shown", [found.names.length]), indicator: "orange" });
	}
	return [["name", "in", found.names.join(",")]];
}

/** Show a list with exactly these filters [field, operator, value], whatever it was filtered by before. */
export async function open_list(doctype, filters) {
	await forget_filters(doctype);
	frappe.route_options = route_options(filters);
	frappe.set_route("List", doctype, "List");
}

/** A list that opens for the first time adds the filters it had last time to the ones it is given. */
async function forget_filters(doctype) {
	await new Promise((resolve) => frappe.model.with_doctype(doctype, resolve));
	const kept = frappe.get_user_settings(doctype, "List");
	if (kept.filters) kept.filters = [];
}
