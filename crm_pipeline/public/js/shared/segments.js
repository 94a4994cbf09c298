/** The records of a segment, as a list. */

import { open_list } from "./open_list";
import { read } from "./server";

/** Show who belongs to a segment now: a list with its filters, or with the records by name; the report where they are many. */
export async function show_segment(name) {
	const { doctype, filters } = await read("get_segment_records", { name });
	if (filters) return open_list(doctype, filters);
	frappe.set_route("query-report", "Segment Members", { segment: name });
}
