/** One timeline of everything that happened to a document, in its tab Activities. */

import { kinds_of, picked } from "../core/timeline";
import { date_text, doc_link, escaped, pill } from "../shared/html";
import { colour_of } from "../shared/registry";
import { read } from "../shared/server";
import { activity_html, ask_activity, ask_memo, memo_html } from "./feed";
import { move_html } from "./history";

const PAGE = 30;

const LABELS = {
	Activity: () => __("Activities"),
	Mail: () => __("Mails"),
	Comment: () => __("Comments"),
	Move: () => __("Moves"),
	Document: () => __("Documents"),
	Memo: () => __("Memos"),
};

const ROWS = { Activity: activity_html, Memo: memo_html, Move: move_html, Mail: mail_html, Comment: comment_html, Document: document_html };

export async function show_timeline(frm) {
	const field = frm.fields_dict.activities_html;
	if (!field) return;
	const $wrapper = field.$wrapper;
	if (frm.is_new()) {
		$wrapper.html(`<p class="text-muted">${escaped(__("Available once this document is saved."))}</p>`);
		return;
	}
	const name = frm.docname;
	let answer;
	try {
		answer = await read("get_timeline", { doctype: frm.doctype, name });
	} catch {
		if (frm.docname === name) $wrapper.html(`<p class="text-muted">${escaped(__("The timeline could not be read."))}</p>`);
		return;
	}
	if (frm.docname !== name) return;
	const chosen = frm.crm_timeline?.name === name ? frm.crm_timeline : { name, kind: "", limit: PAGE };
	frm.crm_timeline = { ...chosen, entries: answer.entries, people: answer.people };
	draw(frm, $wrapper);
}

function draw(frm, $wrapper) {
	const { entries, people, kind, limit } = frm.crm_timeline;
	const person = (user) => people[user] || user || "";
	const { shown, more } = picked(entries, kind, limit);
	const rows = shown.map((entry) => `<li class="crm-feed-row crm-feed-${entry.kind.toLowerCase()}">${ROWS[entry.kind](entry.row, person)}</li>`);
	const empty = escaped(__("Nothing has happened yet. Log a call, a meeting or a message."));
	$wrapper.html(`<section class="crm-feed crm-timeline">
		<div class="crm-feed-head"><h5>${escaped(__("Timeline"))}</h5><span class="crm-feed-buttons"></span></div>
		<div class="crm-timeline-kinds" role="group" aria-label="${escaped(__("Show"))}">${kinds_html(entries, kind)}</div>
		${rows.length ? `<ul>${rows.join("")}</ul>` : `<p class="text-muted">${empty}</p>`}
	</section>`);
	const again = () => show_timeline(frm);
	const buttons = $wrapper.find(".crm-feed-buttons");
	if (frappe.model.can_create("Sales Activity")) button(__("Log Activity"), () => ask_activity(frm, again)).appendTo(buttons);
	if (frappe.model.can_create("Sales Memo")) button(__("Add Memo"), () => ask_memo(frm, again)).appendTo(buttons);
	$wrapper.find("[data-kind]").on("click", ({ currentTarget }) => choose(frm, $wrapper, { kind: currentTarget.dataset.kind, limit: PAGE }));
	if (more) {
		button(__("Show {0} More", [Math.min(more, PAGE)]), () => choose(frm, $wrapper, { limit: limit + PAGE })).appendTo($wrapper.find(".crm-timeline"));
	}
}

function choose(frm, $wrapper, what) {
	Object.assign(frm.crm_timeline, what);
	draw(frm, $wrapper);
	$wrapper.find(`[data-kind="${frm.crm_timeline.kind}"]`).trigger("focus");
}

function button(label, work) {
	return $(`<button type="button" class="btn btn-xs btn-default">${escaped(label)}</button>`).on("click", work);
}

function kinds_html(entries, chosen) {
	const kinds = kinds_of(entries);
	if (kinds.length < 2) return "";
	const all = [["", entries.length], ...kinds];
	return all
		.map(([kind, count]) => {
			const text = `${kind ? LABELS[kind]() : __("All")} ${count}`;
			return `<button type="button" class="btn btn-xs crm-timeline-kind" data-kind="${kind}" aria-pressed="${kind === chosen}">${escaped(text)}</button>`;
		})
		.join("");
}

function mail_html(row, person) {
	const facts = [person(row.sender), row.recipients && __("to {0}", [row.recipients]), date_text(row.communication_date)];
	return `<div class="crm-feed-line"><span>${doc_link("Communication", row.name, row.subject || __("Mail"))}</span><span>${pill(__("Mail"), "gray")}</span></div>
		<div class="crm-feed-facts">${escaped(facts.filter(Boolean).join(" · "))}</div><div class="crm-feed-text">${escaped(row.content)}</div>`;
}

function comment_html(row, person) {
	return `<div class="crm-feed-line"><span>${escaped(row.content)}</span><span>${pill(__("Comment"), "gray")}</span></div>
		<div class="crm-feed-facts">${escaped([person(row.owner), date_text(row.creation)].filter(Boolean).join(" · "))}</div>`;
}

function document_html(row, person) {
	const state = row.status ? pill(__(row.status, null, row.doctype), colour_of(row.doctype, row.status)) : "";
	return `<div class="crm-feed-line"><span>${escaped(row.label)} ${doc_link(row.doctype, row.name, row.title || row.name)}</span><span>${state}</span></div>
		<div class="crm-feed-facts">${escaped([person(row.owner), date_text(row.creation)].filter(Boolean).join(" · "))}</div>`;
}
