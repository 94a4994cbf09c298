/** A move of the ledger: of stage, state, owner, amount or expected close. */

import { days_text } from "../shared/duration";
import { date_text, escaped } from "../shared/html";

export function move_html(event, person) {
	const facts = [date_text(event.at), person(event.by), spent_text(event.seconds_spent), event.note];
	return `<div class="crm-feed-line"><span>${escaped(kind_text(event.kind))}: ${change_html(event)}</span></div>
		<div class="crm-feed-facts">${escaped(facts.filter(Boolean).join(" · "))}</div>`;
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
