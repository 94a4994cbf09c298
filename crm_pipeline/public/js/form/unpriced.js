/** What is sold for nothing is seen before a document is made of it: asked once, by row and item. */

import { unpriced } from "../core/prices";
import { escaped } from "../shared/html";

export function unpriced_text(row) {
	return __("Row {0}: {1} has no price. Enter its rate.", [row.idx, escaped(row.item_code)]);
}

/** The unpriced rows of a document as a list, "" where there are none. */
export function unpriced_html(doc) {
	const rows = unpriced(doc).map((row) => `<li>${unpriced_text(row)}</li>`);
	return rows.length ? `<ul class="crm-notices">${rows.join("")}</ul>` : "";
}

/** Do `make()` at once, or after the user has seen which rows have no price and goes on. */
export function ask_unpriced(frm, make) {
	const rows = unpriced_html(frm.doc);
	if (!rows) return make();
	const question = __("These rows would be sold for nothing. Tick Free of Charge where that is meant. Go on?");
	return frappe.confirm(rows + escaped(question), make);
}
