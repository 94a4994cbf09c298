/** The documents behind a number: a list that a manager can give to somebody else. */

import { open_list } from "../shared/drill";
import { date_text, doc_link, escaped } from "../shared/html";
import { call, read } from "../shared/server";

const PAGE = 50;

/** Open the dialog of one cell; `changed` is called after documents were given to somebody else. */
export function show_cell(cell) {
	const may_write = frappe.model.can_write(cell.doctype);
	const dialog = new frappe.ui.Dialog({
		title: cell.title,
		size: "extra-large",
		fields: [
			{ fieldname: "rows", fieldtype: "HTML" },
			{ fieldname: "to", fieldtype: "Section Break", hidden: !may_write },
			{ fieldname: "sales_owner", fieldtype: "Link", options: "User", label: __("Give the Chosen Ones to"), hidden: !may_write },
		],
		primary_action_label: may_write ? __("Reassign") : null,
		primary_action: may_write ? (values) => reassign(dialog, cell, values.sales_owner) : null,
		secondary_action_label: __("Open as a List"),
		secondary_action: () => as_list(dialog, cell),
	});
	dialog.crm_rows = [];
	dialog.show();
	load(dialog, cell);
}

async function load(dialog, cell) {
	const start = dialog.crm_rows.length;
	const { kind, stage, filters } = cell;
	const page = await read("get_funnel_documents", { kind, stage, filters: JSON.stringify(filters), start });
	dialog.crm_rows.push(...page.documents);
	draw(dialog, cell, page.total);
}

function draw(dialog, cell, total) {
	const $area = dialog.fields_dict.rows.$wrapper;
	const rows = dialog.crm_rows.map(row_html).join("");
	const heads = ["", __("Title"), __("Party"), __("Stage"), __("Sales Person"), __("Expected Close"), __("Amount")];
	const choose_all = __("Choose All");
	const more = total > dialog.crm_rows.length;
	$area.html(`<p class="text-muted">${escaped(__("{0} of {1} shown", [dialog.crm_rows.length, total]))}</p>
		<div class="crm-funnel-documents"><table class="table table-sm"><thead><tr>
		<th><input type="checkbox" class="crm-all" aria-label="${escaped(choose_all)}"></th>
		${heads.slice(1).map((label, i) => `<th class="${i === 5 ? "text-right" : ""}">${escaped(label)}</th>`).join("")}
		</tr></thead><tbody>${rows}</tbody></table></div>
		${more ? `<button type="button" class="btn btn-xs btn-default crm-more">${escaped(__("Show {0} More", [Math.min(PAGE, total - dialog.crm_rows.length)]))}</button>` : ""}`);
	$area.find(".crm-all").on("change", (event) => $area.find(".crm-one").prop("checked", event.target.checked));
	$area.find(".crm-more").on("click", () => load(dialog, cell));
}

function row_html(row) {
	const { doctype, company_currency } = row;
	return `<tr><td><input type="checkbox" class="crm-one" value="${escaped(row.name)}" aria-label="${escaped(row.title)}"></td>
		<td>${doc_link(doctype, row.name, row.title)}</td><td>${escaped(row.party_name)}</td><td>${escaped(row.stage_label)}</td>
		<td>${escaped(row.whose)}</td>
		<td>${escaped(date_text(row.expected_close))}</td>
		<td class="text-right">${escaped(format_currency(row.base_amount || 0, company_currency))}</td></tr>`;
}

async function reassign(dialog, cell, sales_owner) {
	const names = dialog.fields_dict.rows.$wrapper.find(".crm-one:checked").toArray().map((box) => box.value);
	if (!names.length || !sales_owner) {
		frappe.msgprint(__("Choose documents and the user who takes them over."));
		return;
	}
	const done = await call("reassign_deals", { doctype: cell.doctype, names: JSON.stringify(names), sales_owner });
	dialog.hide();
	frappe.show_alert({ message: __("{0} reassigned", [done.done]), indicator: "green" });
	if (done.refused.length) {
		const lines = done.refused.map(({ name, reason }) => `<li>${doc_link(cell.doctype, name)}: ${escaped(reason)}</li>`);
		frappe.msgprint({ title: __("Not Reassigned"), message: `<ul>${lines.join("")}</ul>` });
	}
	cell.changed();
}

async function as_list(dialog, cell) {
	const { kind, stage, filters, doctype } = cell;
	const found = await read("get_funnel_names", { kind, stage, filters: JSON.stringify(filters) });
	if (found.more) {
		frappe.show_alert({ message: __("The first {0} are shown", [found.names.length]), indicator: "orange" });
	}
	dialog.hide();
	await open_list(doctype, [["name", "in", found.names.join(",")]]);
}
