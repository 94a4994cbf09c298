/** The ribbon over a form: every step of the chain with its state and its documents. */

import { page_of } from "../shared/customer_page";
import { escaped } from "../shared/html";
import { DEALS } from "../shared/registry";
import { read } from "../shared/server";

const FULFILMENT = ["delivered", "billed", "paid"];
const watched = new Set();

/** Show the ribbon on forms of these DocTypes. Doing it twice shows it once. */
export function watch(doctypes) {
	for (const doctype of doctypes) {
		if (watched.has(doctype)) continue;
		watched.add(doctype);
		frappe.ui.form.on(doctype, { refresh: show_ribbon });
	}
}

/** The place above a form's fields that is ours; made on first use. */
export function head_of(frm, part) {
	const area = frm.$crm_head || (frm.$crm_head = $(`<div class="crm-head crm-look"></div>`).insertBefore(frm.$crm_customer || frm.body));
	const found = area.children(`.crm-head-${part}`);
	if (found.length) return found;
	// The ribbon stays first, whichever part came first.
	const made = $(`<div class="crm-head-${part}"></div>`);
	return part === "ribbon" ? made.prependTo(area) : made.appendTo(area);
}

export async function show_ribbon(frm) {
	const area = head_of(frm, "ribbon");
	if (area.data("shown-for") !== frm.docname) area.empty();
	if (frm.is_new()) return;
	const name = frm.docname;
	let ribbon;
	try {
		ribbon = await read("get_ribbon", { doctype: frm.doctype, name });
	} catch {
		return;
	}
	if (frm.docname !== name) return;
	area.data("shown-for", name).html(ribbon?.steps.length ? ribbon_html(ribbon, frm) : "");
	if (DEALS.includes(frm.doctype)) area.find(".crm-ribbon").attr("title", ribbon?.source ? __("Source: {0}", [ribbon.source]) : "");
}

function state_label(state) {
	return {
		done: __("Done"),
		current: __("In progress"),
		part: __("Partly done"),
		open: __("Still to come"),
		skipped: __("Not needed"),
		lost: __("Lost or closed without result"),
		cancelled: __("Cancelled"),
	}[state];
}

function ribbon_html(ribbon, frm) {
	// Texts stand outside of templates: the catalogue's extractor does not look into them.
	const from = escaped(__("Where this document came from"));
	const label = escaped(__("Steps of this sale"));
	// Over a deal its place is the row of stages: form/folds.js.
	const source = ribbon.source && !DEALS.includes(frm.doctype)
		? `<span class="crm-ribbon-source" title="${from}">${escaped(ribbon.source)}</span>`
		: "";
	const steps = ribbon.steps.map((step) => step_html(step, ribbon, frm)).join("");
	return `<nav class="crm-ribbon" aria-label="${label}">
		${party_html(frm)}${source}<ol class="crm-steps">${steps}</ol></nav>`;
}

/** Whom the sale is with leads to everything about them; over a deal that has a place of its own: form/customer_panel.js. */
function party_html({ doc, doctype: of }) {
	if (DEALS.includes(of)) return "";
	const customer = doc.customer || (doc.quotation_to === "Customer" ? doc.party_name : "") || (doc.party_type === "Customer" ? doc.party : "");
	const [doctype, name] = customer ? ["Customer", customer] : ["Sales Prospect", doc.prospect];
	if (!name || !frappe.model.can_read(doctype)) return "";
	const title = escaped(__("Everything about this customer"));
	return `<a class="crm-ribbon-party" href="${escaped(page_of(doctype, name))}" title="${title}">${escaped(doc.customer_name || doc.party_name || name)}</a>`;
}

function step_html(step, ribbon, frm) {
	const here = step.nodes.some((node) => node.doctype === frm.doctype && node.name === frm.docname);
	const tip = [`${step.label}: ${state_label(step.state)}`, ...step.nodes.map(node_text), amount_text(step, ribbon)];
	const classes = ["crm-step", `crm-step-${step.state}`, here ? "crm-step-here" : ""].join(" ");
	return `<li class="${classes}" title="${escaped(tip.filter(Boolean).join("\n"))}"
			${here ? 'aria-current="step"' : ""} data-step="${escaped(step.key)}">
		<span class="crm-step-label">${escaped(step.label)}</span>
		<span class="crm-step-detail">${detail_html(step, here, frm)}</span>
		<span class="sr-only">${escaped(state_label(step.state))}</span>
	</li>`;
}

function node_text(node) {
	return [node.name, node.title, node.state].filter(Boolean).join(" · ");
}

function amount_text(step, ribbon) {
	if (!FULFILMENT.includes(step.key) || !ribbon.amounts) return "";
	const money = (value) => format_currency(value, ribbon.currency);
	return __("{0} of {1}", [money(ribbon.amounts[step.key]), money(ribbon.amounts.ordered)]);
}

function detail_html(step, here, frm) {
	if (FULFILMENT.includes(step.key)) {
		return step.state === "open" ? "" : escaped(`${format_number(step.percent, null, step.percent % 1 ? 1 : 0)}%`);
	}
	if (!step.nodes.length) return step.state === "skipped" ? escaped(__("Not needed")) : "";
	if (step.nodes.length > 1) return several_html(step, frm);
	const [node] = step.nodes;
	// The end of a long name tells documents apart; the style cuts its beginning.
	const text = `<bdi>${escaped(node.name)}</bdi>`;
	return here ? `<b>${text}</b>` : link_html(node, text, "");
}

function link_html(node, html, classes) {
	const href = frappe.utils.get_form_link(node.doctype, node.name);
	return `<a class="${classes} crm-node-${node.kind}" href="${escaped(href)}"
		title="${escaped(node_text(node))}">${html}</a>`;
}

function several_html(step, frm) {
	const items = step.nodes
		.map((node) => {
			const here = node.doctype === frm.doctype && node.name === frm.docname;
			return link_html(node, escaped(node_text(node)), `dropdown-item ${here ? "crm-node-here" : ""}`);
		})
		.join("");
	return `<span class="dropdown">
		<a class="crm-step-count dropdown-toggle" href="#" role="button" data-toggle="dropdown" data-boundary="window"
			aria-haspopup="true" aria-expanded="false">${escaped(__("{0} documents", [step.nodes.length]))}</a>
		<span class="dropdown-menu" role="menu">${items}</span>
	</span>`;
}
