/** The ledger of a document: every move of stage, state, owner, amount and close date, newest first. */

import { days_text } from "../shared/duration";
import { date_text, escaped } from "../shared/html";
import { read } from "../shared/server";

const SHOWN = 15;

export async function show_history(frm) {
	const field = frm.fields_dict.history_html;
	if (!field) return;
	field.$wrapper.empty();
	if (frm.is_new()) return;
	const name = frm.docname;
	const events = (await read("get_history", { doctype: frm.doctype, name })) || [];
	if (frm.docname === name) draw(field.$wrapper, events.reverse());
}

function draw($wrapper, events) {
	const rows = events.map((event, i) => row_html(event, i >= SHOWN)).join("");
	$wrapper.html(`<section class="crm-feed crm-history">
		<div class="crm-feed-head"><h5>${escaped(__("History"))}</h5></div><ul>${rows}</ul></section>`);
	if (events.length <= SHOWN) return;
	$(`<button type="button" class="btn btn-xs btn-link">${escaped(__("Show all"))}</button>`)
		.on("click", (click) => {
			$wrapper.find("li").removeClass("hidden");
			$(click.currentTarget).remove();
		})
		.appendTo($wrapper.find(".crm-feed"));
}

function row_html(event, folded) {
	const facts = [date_text(event.at), frappe.user.full_name(event.by), spent_text(event.seconds_spent), event.note];
	return `<li class="crm-feed-row ${folded ? "hidden" : ""}">
		<div class="crm-feed-line"><span>${escaped(kind_text(event.kind))}: ${change_html(event)}</span></div>
		<div class="crm-feed-facts">${escaped(facts.filter(Boolean).join(" · "))}</div></li>`;
}

// By the name of its field: "State" alone is part of an address in other languages.
function kind_text(kind) {
	return kind === "State" ? __("Status") : __(kind);
}

function change_html(event) {
	const [from, to] = [event.from_text, event.to_text].map((value) => escaped(text_of(event, value)));
	return from ? `${from} → <b>${to}</b>` : `<b>${to}</b>`;
}

function text_of(event, value) {
	if (!value) return "";
	if (event.kind === "Amount") return format_number(flt(value));
	return event.kind === "Expected Close" ? frappe.datetime.str_to_user(value) : value;
}

/** Whole days, or hours below one day; nothing below an hour. */
function spent_text(seconds) {
	const hours = Math.floor((seconds || 0) / 3600);
	if (hours < 1) return "";
	return __("after {0}", [hours < 24 ? __("{0} h", [hours]) : days_text(Math.floor(hours / 24))]);
}
