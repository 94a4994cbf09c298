/** A customer in a few lines, beside a form. */

import { ages_by_currency, by_currency } from "../core/customer360";
import { page_of } from "../shared/customer_page";
import { escaped } from "../shared/html";
import { read } from "../shared/server";
import { learn_names } from "../shared/user_names";
import { contact_html, warnings_html } from "./head";
import { amounts, counted, people_of } from "./words";

/** Read and show it in `area`. Called when the panel is opened, never before. */
export async function fill_customer_panel(area, doctype, name, company) {
	const asked = `${doctype} ${name} ${company}`;
	if (area.dataset.asked === asked) return;
	area.dataset.asked = asked;
	let answer;
	try {
		answer = await read("get_customer_panel", { doctype, name, company: company || "" });
	} catch {
		delete area.dataset.asked;
		return;
	}
	if (answer) await learn_names(people_of(answer));
	if (area.dataset.asked === asked && answer) {
		// The form may have said the warnings already, over its fields.
		const said = area.closest(".page-container")?.querySelector(".crm-warnings li");
		area.innerHTML = panel_html(said ? { ...answer, warnings: [] } : answer, doctype, name);
	}
}

function panel_html({ warnings, receivables, orders, contact }, doctype, name) {
	const lines = [];
	if (receivables) lines.push(line(__("Due"), amounts(ages_by_currency(receivables), "past_due")));
	if (orders) {
		const sums = by_currency(orders.totals, ["amount"]);
		const number = sums.reduce((sum, { documents }) => sum + documents, 0);
		lines.push(line(__("Open Orders"), `${amounts(sums, "amount")} <span class="crm-note">${escaped(counted(__("Orders"), number))}</span>`));
	}
	const more = __("Everything about this customer");
	return `${warnings_html(warnings)}<dl class="crm-360-contact">${lines.join("")}</dl>${contact_html(contact)}
		<a class="crm-360-more" href="${escaped(page_of(doctype, name))}">${escaped(more)}</a>`;
}

const line = (label, html) => `<div><dt>${escaped(label)}</dt><dd>${html}</dd></div>`;
