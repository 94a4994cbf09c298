/** What can be done with a deal on its card: ring, write, log, plan, win, lose. */

import { load } from "../shared/lazy";
import { escaped } from "../shared/html";
import { ask, call } from "../shared/server";
import { toast } from "../shared/toast";
import { end, refresh_card } from "./moving";

const LABELS = {
	call: () => __("Call"),
	mail: () => __("Mail"),
	log: () => __("Log Activity"),
	plan: () => __("Next Step"),
	won: () => __("Won"),
	lost: () => __("Lost"),
};
const ICONS = { call: "call", mail: "mail", log: "edit", plan: "calendar", won: "tick", lost: "close" };

/** The buttons of a card, by core/board.js; links where the browser knows what to do. */
export function actions_html(card, keys) {
	return keys.map((key) => action_html(card, key)).join("");
}

function action_html(card, key) {
	const whom = { call: card.phone, mail: card.email_id }[key];
	const hint = whom ? `${LABELS[key]()}: ${[card.contact_name, whom].filter(Boolean).join(" · ")}` : LABELS[key]();
	const inner = `<span aria-hidden="true">${frappe.utils.icon(ICONS[key], "xs")}</span>`;
	const common = `class="btn btn-xs crm-card-action" tabindex="-1" draggable="false" data-do="${key}" title="${escaped(hint)}" aria-label="${escaped(hint)}"`;
	if (key === "call") return `<a ${common} href="tel:${escaped(whom.replace(/[^\d+]/g, ""))}">${inner}</a>`;
	return `<button type="button" ${common}>${inner}</button>`;
}

const DO = { mail: write, log, plan, won: (board, name) => end(board, name, "Won"), lost: (board, name) => end(board, name, "Lost") };

/** Follow clicks on the buttons of all cards. */
export function watch_actions(board) {
	board.place.addEventListener("click", (event) => {
		const button = event.target.closest("[data-do]");
		if (!button || !DO[button.dataset.do]) return;
		event.preventDefault();
		const card = button.closest(".crm-card");
		DO[button.dataset.do](board, card.dataset.name, board.facts_of(card.dataset.name));
	});
}

/** A mail that is kept with the deal; without the framework's own dialog, the computer's mail program. */
function write(board, name, card) {
	const Composer = frappe.views.CommunicationComposer;
	if (!Composer || !frappe.boot.email_accounts?.length) {
		Object.assign(document.createElement("a"), { href: `mailto:${encodeURIComponent(card.email_id)}` }).click();
		return;
	}
	new Composer({
		doc: { doctype: board.data.doctype, name },
		subject: card.title,
		recipients: card.email_id,
	});
}

async function log(board, name) {
	await load("crm_forms");
	crm_pipeline.log_activity({ reference_doctype: board.data.doctype, reference_name: name }, () =>
		refresh_card(board, name, board.column_of(name))
	);
}

function plan(board, name, card) {
	const column = board.column_of(name);
	ask(
		__("What Comes Next?"),
		[
			{ fieldname: "next_step", fieldtype: "Data", label: __("Next Step"), default: card.next_step, length: 140, reqd: 1 },
			{ fieldname: "next_step_date", fieldtype: "Date", label: __("Next Step On"), default: card.step_overdue ? null : card.next_step_date, reqd: 1 },
		],
		__("Save"),
		async (values, dialog) => {
			try {
				await call("set_next_step", { doctype: board.data.doctype, name, ...values });
			} catch {
				return;
			}
			dialog.hide();
			toast(__("Next step saved"));
			await refresh_card(board, name, column);
		}
	);
}
