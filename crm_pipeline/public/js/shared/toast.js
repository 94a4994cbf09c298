/** A short notice of what was done, with a way back. */

import { escaped } from "./html";

const SECONDS = 12;
let last = null;

/** Say `text`; with `undo`, a button does that once. What came before can't be undone any more, and goes. */
export function toast(text, undo = null) {
	last?.remove();
	last = null;
	if (!undo) return frappe.show_alert({ message: escaped(text), indicator: "green" });
	const label = escaped(__("Undo"));
	const message = `${escaped(text)} <button type="button" class="btn btn-xs btn-default crm-undo" data-action="undo">${label}</button>`;
	last = frappe.show_alert({ message, indicator: "green" }, SECONDS, { undo });
	return last;
}
