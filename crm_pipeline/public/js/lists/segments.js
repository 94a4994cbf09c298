/** A list narrowed to a segment. */

import { show_segment } from "../shared/segments";
import { ask } from "../shared/server";

const SEGMENT = "Sales Segment";
const TYPES = ["Sales Lead", "Sales Prospect"];

/** Part of a list view's onload(). */
export function add_segments({ doctype, page }) {
	if (!TYPES.includes(doctype) || !frappe.model.can_read(SEGMENT)) return;
	page.add_inner_button(__("A Segment"), () => choose(doctype), __("Show"));
}

function choose(doctype) {
	const filters = { applies_to: doctype, disabled: 0 };
	const fields = [{ fieldname: "segment", fieldtype: "Link", options: SEGMENT, label: __("Segment"), reqd: 1, get_query: () => ({ filters }) }];
	ask(__("A Segment"), fields, __("Show"), ({ segment }, dialog) => {
		dialog.hide();
		show_segment(segment);
	});
}
