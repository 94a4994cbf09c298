/** The order desk accepts: first what the order would be, what was assumed for it and what is short, then it is made. */

import { date_text, escaped } from "../shared/html";
import { notices as list_of } from "../shared/kit";
import { count } from "../shared/numbers";
import { act, ask, read } from "../shared/server";

/** Show the order that a request would become, and make it when the user says so. */
export async function ask_acceptance(frm) {
	let made;
	try {
		made = await read("get_acceptance", { name: frm.docname });
	} catch {
		return;
	}
	const day = {
		fieldname: "delivery_date",
		fieldtype: "Date",
		label: __("Delivery Date"),
		default: made.delivery_date,
		reqd: 1,
		description: __("Sales named none for rows marked below. Change it where the usual day does not fit."),
	};
	const fields = [...(made.delivery_date ? [day] : []), { fieldname: "order", fieldtype: "HTML" }];
	const label = made.will_submit ? __("Accept and Submit Order") : __("Accept, Order as Draft");
	const accept = (values, dialog) =>
		act(frm, "accept_request", { name: frm.docname, delivery_date: values.delivery_date || null }, { dialog });
	const dialog = ask(__("Accept for {0}", [made.customer]), fields, label, accept, { size: "large" });
	dialog.fields_dict.order.$wrapper.html(`<div class="crm-look">${acceptance_html(made)}</div>`);
}

export function acceptance_html(made) {
	return warnings_html(made) + rows_html(made) + totals_html(made) + assumed_html(made);
}

function warnings_html({ rows, credit, notes, company_currency }) {
	const short = rows.filter((row) => row.short);
	const lines = short.map((row) =>
		escaped(__("Row {0}: {1} {2} of {3} are short.", [row.idx, count_of(row.short), __(row.stock_uom), row.item]))
	);
	if (credit?.over) {
		const [over, limit] = [credit.over, credit.limit].map((value) => format_currency(value, company_currency));
		lines.push(escaped(__("The order goes {0} over the customer's credit limit of {1}.", [over, limit])));
	}
	lines.push(...notes);
	return lines.length ? list_of(lines) : `<p class="crm-note">${escaped(__("Nothing is short."))}</p>`;
}

function rows_html({ rows }) {
	const heads = [__("Item"), __("Quantity"), __("Delivery Date"), __("Warehouse"), __("Free in Stock")];
	const body = rows.map((row) => {
		const day = date_text(row.delivery_date);
		const assumed = row.assumed ? `<span class="crm-late">${escaped(__("assumed: {0}", [day]))}</span>` : escaped(day);
		const free = row.free === null || row.free === undefined ? "–" : count_of(row.free);
		return `<tr><th scope="row">${row.idx}. ${escaped(row.item)}</th><td>${escaped(`${count_of(row.qty)} ${__(row.uom)}`)}</td>
			<td>${assumed}</td><td>${escaped(row.warehouse || "–")}</td><td class="${row.short ? "crm-late" : ""}">${escaped(free)}</td></tr>`;
	});
	const head = heads.map((text) => `<th scope="col">${escaped(text)}</th>`).join("");
	return `<div class="crm-scroll"><table class="crm-table"><thead><tr>${head}</tr></thead><tbody>${body.join("")}</tbody></table></div>`;
}

function totals_html({ net, taxes, total, currency }) {
	const [a, b, c] = [net, taxes, total].map((value) => format_currency(value, currency));
	return `<p class="crm-acceptance-total">${escaped(__("Net {0}, taxes {1}, total {2}", [a, b, c]))}</p>`;
}

function assumed_html({ assumed }) {
	if (!assumed.length) return "";
	const lines = assumed.map(({ label, value }) => `<li>${escaped(label)}: ${escaped(value)}</li>`);
	return `<h5>${escaped(__("Not in the Request, Taken from ERPNext"))}</h5><ul>${lines.join("")}</ul>`;
}

const count_of = (value) => (value % 1 ? format_number(value) : count(value));
