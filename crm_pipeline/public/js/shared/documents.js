/** The documents behind a number of any page or report: one dialog, from which a manager can give them to somebody else. */

import { open_list } from "./open_list";
import { date_text, doc_link, escaped } from "./html";
import { DEALS } from "./registry";
import { call, read } from "./server";
import { people_query } from "./people_query";

const PAGE = 50;
// What may be given to somebody else from here.
const REASSIGNED = [...DEALS, "Sales Lead"];
// A list takes names in its address, which servers cut off at some 4,000 characters.
const MOST_NAMES = 100;

/**
 * Open the dialog. `ask` is {method, args} of a function of api/ that answers {total, documents}; `filters` are those of a
 * list of exactly these documents, where a list can say it; `changed` is called after some were given to somebody else.
 */
export function show_documents({ title, doctype, ask, filters, changed }) {
	const may_write = REASSIGNED.includes(doctype) && frappe.model.can_write(doctype);
	const shown = { rows: [], total: 0, doctype, ask, filters, changed };
	const dialog = new frappe.ui.Dialog({
		title: title || __("Documents behind This Number"),
		size: "extra-large",
		fields: [
			{ fieldname: "rows", fieldtype: "HTML" },
			{ fieldname: "to", fieldtype: "Section Break", hidden: !may_write },
			{ fieldname: "sales_owner", fieldtype: "Link", options: "User", get_query: people_query, label: __("Give the Chosen Ones to"), hidden: !may_write },
		],
		primary_action_label: may_write ? __("Reassign") : null,
		primary_action: may_write ? (values) => reassign(dialog, shown, values.sales_owner) : null,
		secondary_action_label: __("Open as a List"),
		secondary_action: () => as_list(dialog, shown),
	});
	dialog.show();
	load(dialog, shown);
}

async function load(dialog, shown) {
	const page = await page_of(shown, shown.rows.length);
	shown.rows.push(...page.documents);
	shown.total = page.total;
	draw(dialog, shown);
}

function page_of({ ask }, start) {
	const args = Object.fromEntries(
		Object.entries(ask.args).map(([name, value]) => [name, value && typeof value === "object" ? JSON.stringify(value) : value])
	);
	return read(ask.method, { ...args, start });
}

function draw(dialog, shown) {
	const $area = dialog.fields_dict.rows.$wrapper;
	const { rows, total } = shown;
	const day = REASSIGNED.includes(rows[0]?.doctype) ? __("Expected Close") : __("Date");
	const amount = rows[0]?.quantity === undefined ? __("Amount") : __("Quantity");
	const heads = [__("Title"), __("Party"), __("Stage"), __("Sales Person"), day, amount];
	const choose_all = __("Choose All");
	const more = __("Show {0} More", [Math.min(PAGE, total - rows.length)]);
	$area.html(`<p class="text-muted">${escaped(__("{0} of {1} shown", [rows.length, total]))}</p>
		<div class="crm-scroll"><table class="table table-sm"><thead><tr>
		<th><input type="checkbox" class="crm-all" aria-label="${escaped(choose_all)}"></th>
		${heads.map((label, i) => `<th class="${i === 5 ? "text-right" : ""}">${escaped(label)}</th>`).join("")}
		</tr></thead><tbody>${rows.map(row_html).join("")}</tbody></table></div>
		${total > rows.length ? `<button type="button" class="btn btn-xs btn-default crm-more">${escaped(more)}</button>` : ""}`);
	$area.find(".crm-all").on("change", (event) => $area.find(".crm-one").prop("checked", event.target.checked));
	$area.find(".crm-more").on("click", () => load(dialog, shown));
}

function row_html(row) {
	const { doctype, company_currency } = row;
	return `<tr><td><input type="checkbox" class="crm-one" value="${escaped(row.name)}" data-doctype="${escaped(doctype)}" aria-label="${escaped(row.title)}"></td>
		<td>${doc_link(doctype, row.name, row.title)}</td><td>${escaped(row.party_name)}</td><td>${escaped(row.stage_label)}</td>
		<td>${escaped(row.whose)}</td>
		<td>${escaped(date_text(row.expected_close))}</td>
		<td class="text-right">${escaped(amount_text(row, company_currency))}</td></tr>`;
}

function amount_text({ quantity, base_amount }, currency) {
	if (quantity !== undefined) return format_number(quantity);
	return base_amount === undefined || base_amount === null ? "" : format_currency(base_amount, currency);
}

async function reassign(dialog, shown, sales_owner) {
	const chosen = {};
	for (const box of dialog.fields_dict.rows.$wrapper.find(".crm-one:checked").toArray()) (chosen[box.dataset.doctype] ||= []).push(box.value);
	if (!Object.keys(chosen).length || !sales_owner) {
		frappe.msgprint(__("Choose documents and the user who takes them over."));
		return;
	}
	const refused = [];
	let done = 0;
	for (const [doctype, names] of Object.entries(chosen)) {
		const answer = await call("reassign_deals", { doctype, names: JSON.stringify(names), sales_owner });
		done += answer.done;
		refused.push(...answer.refused.map((row) => ({ ...row, doctype })));
	}
	dialog.hide();
	frappe.show_alert({ message: __("{0} reassigned", [done]), indicator: "green" });
	if (refused.length) {
		const lines = refused.map(({ doctype, name, reason }) => `<li>${doc_link(doctype, name)}: ${escaped(reason)}</li>`);
		frappe.msgprint({ title: __("Not Reassigned"), message: `<ul>${lines.join("")}</ul>` });
	}
	shown.changed?.();
}

/** The list of these documents, in the order of the dialog; of those of several types, the type with the largest one. */
async function as_list(dialog, shown) {
	if (!shown.rows.length) return;
	if (shown.filters) {
		dialog.hide();
		await open_list(shown.doctype, shown.filters, "base_amount");
		return;
	}
	const rows = [...shown.rows];
	while (rows.length < Math.min(shown.total, MOST_NAMES)) {
		const page = await page_of(shown, rows.length);
		if (!page.documents.length) break;
		rows.push(...page.documents);
	}
	const { doctype } = rows[0];
	const names = rows.filter((row) => row.doctype === doctype).map((row) => row.name).slice(0, MOST_NAMES);
	if (names.length < shown.total) {
		frappe.show_alert({ message: __("{0} of {1} are shown: a list takes no more, or has one type only.", [names.length, shown.total]), indicator: "orange" });
	}
	dialog.hide();
	await open_list(doctype, [["name", "in", names.join(",")]], "base_amount");
}
