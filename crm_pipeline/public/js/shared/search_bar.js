/** The search bar, where somebody's number or address is typed: shared/callers.js says whose it is. */

import { kind_of } from "../core/reach";
import { lazily } from "./lazy";

const WAIT = 250; // milliseconds without a key

export function watch_search_bar() {
	const offer = lazily("offer_person");
	const typed = ({ target }) => kind_of(target.value) && offer(target);
	$(document).on("input", "#navbar-search", frappe.utils.debounce(typed, WAIT));
}
