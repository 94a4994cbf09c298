/** The questionnaire of a lead, on its form and in dialogs, and the attempts to contact it. */

import { date_text, doc_link, escaped } from "../shared/html";
import { act, ask, read } from "../shared/server";

const PREFIX = "question_";

/** What a lead's form says of attempts: how many, the last with its result, the next. */
export function show_attempts(frm) {
	const place = frm.fields_dict.attempts_html?.$wrapper;
	if (!place) return;
	const found = frm.is_new() ? null : frm.doc.__onload?.attempts;
	if (!found || !(found.count || found.next)) {
		place.html(frm.is_new() ? "" : `<p class="crm-note">${escaped(__("No attempt to contact them yet"))}</p>`);
		return;
	}
	const facts = [`<span>${escaped(attempts_text(found))}</span>`];
	if (found.last) facts.push(`<span>${escaped(__("Last Attempt"))}: ${activity_html(found.last, found.last.starts_on)}</span>`);
	if (found.next) facts.push(`<span>${escaped(__("Next Attempt"))}: ${activity_html(found.next, found.next.due_on || found.next.starts_on)}</span>`);
	place.html(`<div class="crm-lead-facts">${facts.join("")}</div>`);
}

function attempts_text({ count, reached }) {
	const attempts = count === 1 ? __("1 attempt") : __("{0} attempts", [count]);
	return reached ? `${attempts}, ${__("{0} with an answer", [reached])}` : attempts;
}

function activity_html(row, at) {
	const when = date_text(frappe.datetime.convert_to_user_tz(at));
	const words = [__(row.way), row.result && __(row.result), when].filter(Boolean).join(", ");
	return doc_link("Sales Activity", row.name, words);
}

/** The questions with their answers, and a button that asks them. */
export function show_questionnaire(frm) {
	const place = frm.fields_dict.questionnaire_html?.$wrapper;
	if (!place) return;
	const found = frm.is_new() ? null : frm.doc.__onload?.questionnaire;
	const questions = found?.questions || [];
	frm.toggle_display("questionnaire_section", questions.length > 0 || Boolean(frm.doc.intended_pipeline));
	place.empty();
	if (!questions.length) return;
	place.html(`<ul class="crm-lead-questions">${questions.map(question_html).join("")}</ul>${least_html(found)}`);
	if (!frm.perm[0]?.write || !crm_pipeline.is_open("Sales Lead", frm.doc.status)) return;
	$(`<button type="button" class="btn btn-xs btn-default">${escaped(__("Answer"))}</button>`)
		.on("click", () => ask_questions(frm, found))
		.appendTo(place);
}

function question_html({ question, answer, points, required }) {
	const mark = required && !answer ? ` <span class="indicator-pill orange">${escaped(__("Required"))}</span>` : "";
	const given = answer
		? `<b>${escaped(__(answer))}</b> <span class="text-muted">${escaped(signed(points))}</span>`
		: `<span class="text-muted">${escaped(__("Not answered"))}</span>`;
	return `<li><span>${escaped(question)}</span>${mark}<div>${given}</div></li>`;
}

function least_html({ least_points, points }) {
	if (!least_points) return "";
	return `<p class="crm-note">${escaped(__("{0} points of the {1} that a conversion needs", [points, least_points]))}</p>`;
}

function signed(points) {
	return points > 0 ? `+${points}` : String(points || 0);
}

function ask_questions(frm, found) {
	ask(__("Questionnaire"), question_fields(found, false), __("Save"), (values, dialog) =>
		act(frm, "answer_questions", { lead: frm.docname, answers: answers_of(values) }, { dialog })
	);
}

/** Fields of a dialog, one for each question; with `must` those that a conversion requires are mandatory. */
export function question_fields({ questions }, must) {
	return questions
		.filter(({ choices }) => choices.length)
		.map(({ key, question, choices, answer, required }) => ({
			fieldname: PREFIX + key,
			fieldtype: "Select",
			label: question,
			options: [{ value: "", label: "" }, ...choices.map((one) => ({ value: one.answer, label: one.label }))],
			default: answer || "",
			reqd: must && required ? 1 : 0,
		}));
}

/** {question key: answer} of what a dialog with such fields came to. */
export function answers_of(values) {
	const given = Object.entries(values).filter(([field]) => field.startsWith(PREFIX));
	return Object.fromEntries(given.map(([field, answer]) => [field.slice(PREFIX.length), answer || ""]));
}

/** The questions that a conversion of a lead asks. */
export function questions_for(frm, target) {
	return read("get_questionnaire", { lead: frm.docname, target });
}
