/** A deal as a card. */

import { card_actions } from "../core/board";
import { days_text } from "../shared/duration";
import { escaped } from "../shared/html";
import { face } from "../shared/kit";
import { actions_html } from "./actions";

/** The `<li>` of a card as analytics/board_columns.py answers it. */
export function card_element(card, { doctype, may_write }) {
	const element = document.createElement("li");
	element.className = ["crm-card", card.is_stalled ? "crm-card-stalled" : "", card.overdue ? "crm-card-overdue" : ""].join(" ");
	element.dataset.name = card.name;
	element.dataset.version = card.modified;
	element.tabIndex = -1;
	element.setAttribute("aria-label", spoken(card));
	element.crm_card = card;
	element.innerHTML = card_html(card, frappe.utils.get_form_link(doctype, card.name), card_actions(card, may_write));
	return element;
}

function card_html(card, href, actions) {
	const late = card.step_overdue ? " crm-card-late" : "";
	const next = card.next_step || card.next_step_date ? `<div class="crm-card-next${late}" title="${escaped(next_text(card))}">${icon("arrow-right")} ${escaped(next_text(card))}</div>` : "";
	return `<div class="crm-card-title">
			<a href="${escaped(href)}" tabindex="-1" draggable="false" title="${escaped(card.name)}">${escaped(card.title)}</a>
			${avatar(card)}
		</div>
		<div class="crm-card-party">${escaped(card.party_name)}</div>
		<div class="crm-card-facts">
			<span class="crm-card-amount">${escaped(amount_text(card))}</span>
			<span class="crm-card-date">${escaped(date_text(card))}</span>
		</div>
		${next}
		<div class="crm-card-marks">${marks(card)}</div>
		<div class="crm-card-actions" role="group" aria-label="${escaped(__("Actions"))}">${actions_html(card, actions)}</div>`;
}

function marks(card) {
	const hint = __("Days in this stage");
	const has_days = card.days !== null && card.status === "Open";
	const days = has_days ? `<span class="crm-card-days" title="${escaped(hint)}">${escaped(days_text(card.days))}</span>` : "";
	const overdue = card.overdue ? `<span class="indicator-pill no-indicator-dot red">${escaped(__("Overdue"))}</span>` : "";
	const stalled = card.is_stalled
		? `<span class="indicator-pill no-indicator-dot orange" title="${escaped(card.reasons.join("\n"))}">${escaped(__("Stalled"))}</span>
			<span class="crm-card-reasons">${escaped(card.reasons.join(" · "))}</span>`
		: "";
	return `${days}${overdue}${stalled}`;
}

function avatar(card) {
	if (!card.owner_name) return "";
	const name = escaped(card.owner_name);
	return `<span class="crm-card-owner" title="${name}">${face(card.owner_name, card.owner_image)}</span>`;
}

function icon(name) {
	return `<span aria-hidden="true">${frappe.utils.icon(name, "xs")}</span>`;
}

function amount_text(card) {
	return card.amount ? format_currency(card.amount, card.currency) : __("No amount");
}

function date_text(card) {
	const date = card.status === "Open" ? card.expected_close : card.closed_on;
	return date ? frappe.datetime.str_to_user(date) : "";
}

function next_text(card) {
	const day = card.next_step_date ? frappe.datetime.str_to_user(card.next_step_date) : "";
	const text = [card.next_step, day && card.next_step ? `(${day})` : day].filter(Boolean).join(" ");
	return card.step_overdue ? __("{0}, overdue", [text]) : text;
}

/** The card in one sentence, for who hears it. */
function spoken(card) {
	const parts = [card.title, card.party_name, amount_text(card)];
	if (date_text(card)) parts.push(card.status === "Open" ? __("expected {0}", [date_text(card)]) : __("closed {0}", [date_text(card)]));
	if (card.overdue) parts.push(__("Overdue"));
	if (card.owner_name) parts.push(card.owner_name);
	if (next_text(card)) parts.push(__("next step: {0}", [next_text(card)]));
	if (card.is_stalled) parts.push(__("Stalled"), ...card.reasons);
	return parts.filter(Boolean).join(", ");
}
