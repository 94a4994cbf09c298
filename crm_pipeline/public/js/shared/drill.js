/** From a figure of a report to the list of its documents. */

import { escaped } from "./html";
import { read } from "./server";

/** The address of a list with filters [field, operator, value]; a field may come several times. */
export function list_address(doctype, filters) {
	const query = new URLSearchParams();
	for (const [field, operator, value] of filters) {
		query.append(field, operator === "=" && typeof value === "string" ? value : JSON.stringify([operator, value]));
	}
	return `/app/${frappe.router.slug(doctype)}?${query}`;
}

/** `html` as a link to such a list. */
export function list_link(html, doctype, filters) {
	return `<a href="${escaped(list_address(doctype, filters))}">${html}</a>`;
}

/** `html` as a link that asks api/ for the names behind a figure first. */
export function behind_link(html, doctype, method, args) {
	const ask = escaped(JSON.stringify({ doctype, method, args }));
	return `<a href="#" class="crm-behind" data-ask="${ask}">${html}</a>`;
}

async function open_behind({ doctype, method, args }) {
	const found = await read(method, { ...args, filters: JSON.stringify(args.filters) });
	if (!found?.names.length) return;
	if (found.more) {
		frappe.show_alert({ message: __("The first {0} are shown", [found.names.length]), indicator: "orange" });
	}
	frappe.set_route("List", doctype, "List", { name: ["in", found.names.join(",")] });
}

export function watch_behind() {
	$(document).on("click", "a.crm-behind", (event) => {
		event.preventDefault();
		open_behind(JSON.parse(event.currentTarget.dataset.ask));
	});
}
