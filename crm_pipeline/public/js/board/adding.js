/** A new deal inside a column: what, who, how much; Enter saves, Escape closes. */

import { party_docfield, search_parties } from "../shared/party_field";
import { call } from "../shared/server";
import { toast } from "../shared/toast";
import { refresh_card } from "./moving";

/** Open the entry at the top of a column; a second call brings the cursor back to it. */
export function add_in(board, column) {
	const body = column.element.querySelector(".crm-column-body");
	const open = body.querySelector(".crm-adding");
	if (open) {
		open.querySelector("input").focus();
		return;
	}
	const form = document.createElement("form");
	form.className = "crm-adding";
	form.innerHTML = `<div class="crm-adding-fields"></div><div class="crm-adding-buttons">
		<button type="submit" class="btn btn-primary btn-xs"></button> <button type="button" class="btn btn-default btn-xs"></button></div>`;
	const [save, cancel] = form.querySelectorAll("button");
	save.textContent = __("Add");
	cancel.textContent = __("Cancel");
	body.prepend(form);
	const fields = new frappe.ui.FieldGroup({
		body: form.querySelector(".crm-adding-fields"),
		fields: [
			{ fieldname: "title", fieldtype: "Data", label: __("What They May Buy"), length: 140, reqd: 1 },
			party_docfield(),
			{ fieldname: "amount", fieldtype: "Currency", label: __("Amount"), options: board.data.currency, non_negative: 1 },
		],
	});
	fields.make();
	const who = search_parties(fields.fields_dict.crm_party);
	const close = () => {
		form.remove();
		column.element.querySelector(".crm-column-add")?.focus();
	};
	cancel.addEventListener("click", close);
	form.addEventListener("keydown", (event) => {
		if (event.key === "Escape" && !event.defaultPrevented) close();
		// The framework's fields stop the browser from sending the form.
		if (event.key === "Enter" && !event.defaultPrevented && event.target.tagName === "INPUT") {
			event.preventDefault();
			setTimeout(() => submit());
		}
	});
	form.addEventListener("submit", (event) => {
		event.preventDefault();
		submit();
	});
	const submit = async () => {
		const values = fields.get_values();
		if (!values || save.disabled) return;
		save.disabled = true;
		try {
			await enter(board, column, values, who.party());
			close();
		} catch {
			save.disabled = false;
		}
	};
	fields.fields_dict.title.set_focus();
}

async function enter(board, column, { title, amount }, { typed, create_new, customer, prospect }) {
	const { doctype, pipeline, company } = board.data;
	const { sales_person, territory, channel, campaign } = board.filters;
	const filters = board.filters.sales_owner ? { sales_owner: board.filters.sales_owner } : {};
	const values = { title, amount, customer, prospect, pipeline, company, stage: column.name, territory, channel, campaign, ...filters };
	const { name } = await call("enter_deal", { doctype, values: JSON.stringify(values), party: typed || "", create_new: create_new || 0 }, { freeze: false });
	await refresh_card(board, name, column, column.cards()[0] || null);
	if (sales_person && !board.find_card(name)) await board.load();
	toast(__("{0} added", [title]));
}
