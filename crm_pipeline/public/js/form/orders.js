/** The native documents that came of a deal, contract or request, in its orders_html field. */

import { grouped } from "../core/order_rows";
import { date_text, doc_link, escaped, pill } from "../shared/html";
import { colour_of } from "../shared/registry";

export function show_orders(frm) {
	const field = frm.fields_dict.orders_html;
	if (!field) return;
	const rows = (!frm.is_new() && frm.doc.__onload?.orders) || [];
	field.$wrapper.html(
		rows.length ? table_html(rows) : `<p class="text-muted">${escaped(__("Nothing has been ordered yet."))}</p>`
	);
}

function table_html(rows) {
	return `<div class="table-responsive"><table class="table table-sm crm-orders">
		<thead><tr>
			<th>${escaped(__("Document"))}</th><th>${escaped(__("Date"))}</th><th>${escaped(__("Status"))}</th>
			<th class="text-right">${escaped(__("Grand Total"))}</th>
		</tr></thead>
		<tbody>${grouped(rows).map(row_html).join("")}</tbody></table></div>`;
}

function row_html(row) {
	return `<tr class="${row.doctype === "Sales Order" ? "crm-orders-order" : ""}">
		<td>${escaped(__(row.doctype))} ${doc_link(row.doctype, row.name)}</td>
		<td>${escaped(date_text(row.date))}</td>
		<td>${pill(__(row.status), colour_of(row.doctype, row.status))}</td>
		<td class="text-right">${escaped(format_currency(row.amount, row.currency))}</td>
	</tr>`;
}
