/** What came back from the order desk: over the request itself, and over the deal and contract that it came from. */

import { date_text, doc_link, escaped } from "../shared/html";
import { notices } from "../shared/kit";
import { head_of } from "./ribbon";

export function show_returned(frm) {
	const area = head_of(frm, "returned").empty();
	if (frm.is_new()) return;
	const rows = frm.doc.__onload?.returned || [];
	if (rows.length) area.html(notices(rows.map((row) => row_html(row, frm))));
}

function row_html(row, frm) {
	const text = escaped(__("Returned by {0} on {1}: {2}", [row.who, date_text(row.returned_on), row.return_reason]));
	if (frm.doctype === "Sales Order Request") return `${text} ${escaped(__("Amend the request and submit it again."))}`;
	return `${doc_link("Sales Order Request", row.name)} · ${text}`;
}
