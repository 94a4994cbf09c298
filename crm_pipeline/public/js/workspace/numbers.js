/** The numbers on our workspaces: one call for all of them, and the scope that they share in words. */

import { open_ask } from "../shared/drill";
import { escaped } from "../shared/html";
import { empty, tiles } from "../shared/kit";
import { count, money } from "../shared/numbers";
import { read } from "../shared/server";

/** Draw the numbers of a function ("" for the user's own) in place of the block that asks for them. */
export async function show_numbers(block, own_function = "") {
	const host = block.getRootNode().host || block;
	const $area = $(`<div class="crm-look crm-workspace-numbers" aria-live="polite"></div>`).insertAfter(host);
	await refresh($area, own_function);
}

async function refresh($area, own_function) {
	$area.html(`<p class="crm-note">${escaped(__("Loading..."))}</p>`);
	let answer;
	try {
		answer = await read("get_workspace_numbers", { function: own_function });
	} catch {
		$area.html(`<p class="crm-note">${escaped(__("The numbers could not be loaded."))}
			<button type="button" class="btn btn-xs btn-default">${escaped(__("Try Again"))}</button></p>`);
		$area.find("button").on("click", () => refresh($area, own_function));
		return;
	}
	$area.html(numbers_html(answer));
	$area.find("[data-key]").on("click", ({ currentTarget }) => {
		follow(answer, answer.numbers.find(({ key }) => key === currentTarget.dataset.key));
	});
}

/** The scope in words over a tile per number; what is late stands out. */
export function numbers_html(answer) {
	const { numbers, scope, currency } = answer;
	const title = `<p class="crm-note crm-scope">${escaped(scope)}</p>`;
	if (!numbers.some((number) => number.count)) return title + empty_html(answer);
	return title + tiles(numbers.map((number) => tile(number, currency)));
}

function tile({ key, label, count: documents, amount, shows_amount, is_late }, currency) {
	const sum = amount === null ? "" : money(amount, currency);
	const number = shows_amount ? sum : count(documents);
	const many = documents === 1 ? __("1 document") : __("{0} documents", [count(documents)]);
	const note = shows_amount ? many : documents && sum;
	const look = `crm-cell${is_late && documents ? " crm-late" : ""}`;
	const html = documents ? `<button type="button" class="${look}" data-key="${escaped(key)}">${escaped(number)}</button>` : escaped(number);
	return { name: label, html, note: escaped(note || "") };
}

function empty_html({ function: own_function }) {
	const begin = { label: __("New Lead"), route: "/app/sales-lead/new" };
	if (["rep", "manager"].includes(own_function)) {
		const may = frappe.model.can_create("Sales Lead");
		return empty(__("No deals yet"), __("Enter who may buy as a lead, or import your deals in the list of opportunities."), may ? begin : null);
	}
	if (own_function === "order_desk") return empty(__("Nothing waits"), __("Requests that sales hands over show up here."));
	return empty(__("Nothing is open"), __("Contracts and orders that came from sales show up here."));
}

function follow({ function: own_function, company }, { key, label, doctype, filters }) {
	const args = { function: own_function, key, company };
	return open_ask({ doctype: doctype || "Sales Opportunity", filters, method: "get_documents_of_number", args }, label);
}
