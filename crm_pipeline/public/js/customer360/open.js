/** What is open: a table of each kind of document, and open money by age. */

import { ages_by_currency } from "../core/customer360";
import { escaped, pill } from "../shared/html";
import { table } from "../shared/kit";
import { money } from "../shared/numbers";
import { colour_of } from "../shared/registry";
import { age_labels, day, link } from "./words";

export function open_html(parts) {
	const shown = parts.filter((part) => part.totals.length);
	if (!shown.length) return `<p class="crm-none">${escaped(__("Nothing is open."))}</p>`;
	return shown.map(part_html).join("");
}

function part_html({ doctype, label, totals, rows }) {
	const sums = totals.map(total_text).join("; ");
	const number = totals.reduce((sum, { documents }) => sum + documents, 0);
	const due = { "Sales Lead": __("Follow-up"), Quotation: __("Valid Till"), "Sales Contract": __("End Date") }[doctype];
	const heads = [label, __("Status"), due || (doctype.startsWith("Sales Order") ? __("Delivery") : __("Expected Close")), __("Amount")];
	const lines = rows.map((row) => [
		link(doctype, row.name, row.title === row.name ? row.name : `${row.title || ""} ${row.name}`.trim()),
		pill(__(row.status, null, doctype), colour_of(doctype, row.status)),
		`<span class="${is_late(row.due) ? "crm-late" : ""}">${escaped(day(row.due))}</span>`,
		escaped(money(row.amount, row.currency)),
	]);
	const more = number > rows.length ? `<p class="crm-note">${escaped(__("{0} of {1} shown", [rows.length, number]))}</p>` : "";
	return `<div class="crm-360-part">${table(heads, lines)}<p class="crm-note">${escaped(sums)}</p>${more}</div>`;
}

function total_text(row) {
	const parts = [
		money(row.amount, row.currency),
		row.weighted !== undefined && `${__("Weighted")} ${money(row.weighted, row.currency)}`,
		row.done !== undefined && `${__("Ordered")} ${money(row.done, row.currency)}`,
		row.to_deliver !== undefined && `${__("To Deliver")} ${money(row.to_deliver, row.currency)}`,
		row.to_bill !== undefined && `${__("To Bill")} ${money(row.to_bill, row.currency)}`,
	];
	return `${row.company}: ${parts.filter(Boolean).join(", ")}`;
}

const is_late = (due) => due && String(due).slice(0, 10) < frappe.datetime.get_today();

export function ages_html(receivables) {
	const sums = ages_by_currency(receivables);
	if (!sums.length) return `<p class="crm-none">${escaped(__("Nothing is outstanding."))}</p>`;
	const heads = [__("Currency"), __("Not Due"), ...age_labels(), __("Outstanding")];
	const rows = sums.map(({ currency, not_due, buckets, outstanding }) => [
		escaped(currency),
		...[not_due, ...buckets, outstanding].map((amount) => escaped(money(amount, currency))),
	]);
	return table(heads, rows);
}
