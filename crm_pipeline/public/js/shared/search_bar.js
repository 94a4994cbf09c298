/** The search bar, where somebody's number or address is typed: shared/callers.js says whose it is. */

import { kind_of } from "../core/reach";
import { escaped } from "./html";
import { lazily } from "./lazy";

const WAIT = 250; // milliseconds without a key

export function watch_search_bar() {
	const offer = lazily("offer_person");
	const typed = ({ target }) => (kind_of(target.value) ? offer(target) : offer_page(target));
	$(document).on("input", "#navbar-search", frappe.utils.debounce(typed, WAIT));
}

/** The page about a customer for a name: it is looked for when that is chosen. */
function offer_page(input) {
	const search = input.value.trim();
	if (!input.awesomplete || search.length < 3 || !frappe.model.can_read("Sales Prospect")) return;
	const label = __("Customer 360°: {0}", [search]);
	const onclick = () => frappe.set_route("customer-360", "search", search);
	input.awesomplete.list = [...input.awesomplete._list, { label: escaped(label), value: label, index: 10, onclick }];
}
