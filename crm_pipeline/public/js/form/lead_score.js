/** Why a lead has its score; what a score rule may ask; how good the learned score is. */

import { escaped, pill } from "../shared/html";
import { section, table } from "../shared/kit";
import { percent } from "../shared/numbers";
import { act } from "../shared/server";
import { set_fold } from "./folds";

/** The score over a lead's form, with what each rule gave below it. */
export function show_score(frm) {
	const found = frm.is_new() ? null : frm.doc.__onload?.score;
	if (!found) {
		set_fold(frm, "score");
		return;
	}
	const hot = found.threshold > 0 && found.score >= found.threshold;
	set_fold(frm, "score", { summary: summary_of(found), kind: hot ? "green" : "gray", html: score_html(found) });
}

function summary_of({ score, lines, learned }) {
	const [first] = [...lines].sort((a, b) => Math.abs(b.points) - Math.abs(a.points));
	const text = first ? __("Score {0}: {1}", [score, first.text]) : __("Score {0}", [score]);
	return learned ? `${text} · ${__("Learned Score")} ${percent(learned.score / 100)}` : text;
}

function score_html({ score, threshold, lines, learned }) {
	const items = lines.map(
		({ rule, points, text }) =>
			`<li title="${escaped(rule)}">${escaped(text)} <span class="text-muted">${escaped(signed(points))}</span></li>`
	);
	const of = threshold > 0 ? ` <span class="text-muted">(${escaped(__("threshold {0}", [threshold]))})</span>` : "";
	const none = lines.length ? "" : `<p class="mb-0">${escaped(__("No rule applies to this lead"))}</p>`;
	return `<section class="crm-health"><b>${escaped(__("Score {0}", [score]))}</b>${of}${none}<ul>${items.join("")}</ul>${learned ? learned_html(learned) : ""}</section>`;
}

function learned_html({ score, reasons }) {
	const items = reasons.map(
		({ text, more }) => `<li>${pill(more ? __("For") : __("Against"), more ? "green" : "orange")} ${escaped(text)}</li>`
	);
	return `<b>${escaped(__("Learned from earlier leads: {0} of such leads are converted", [percent(score / 100)]))}</b><ul>${items.join("")}</ul>`;
}

function signed(points) {
	return points > 0 ? `+${points}` : String(points);
}

/** A score rule: the fields and questions that it may ask about, and what is wrong with it. */
export function score_rule_form(doctype) {
	frappe.ui.form.on(doctype, {
		async refresh(frm) {
			const found = frm.doc.__onload || (await choices());
			frm.fields_dict.fieldname.set_data(found.fields || []);
			frm.fields_dict.question_key.set_data(found.questions || []);
			if (found.problem && !frm.is_new()) frm.set_intro(found.problem, "orange");
		},
	});
}

async function choices() {
	return (await frappe.call({ method: "crm_pipeline.api.get_score_choices", type: "GET" })).message || {};
}

/** The page of the learned score: what came of learning, beside the rules. */
export function score_model_form(doctype) {
	frappe.ui.form.on(doctype, {
		refresh(frm) {
			frm.fields_dict.quality_html.$wrapper.html(quality_html(frm.doc));
			if (!frm.perm[0]?.write) return;
			frm.add_custom_button(__("Learn Now"), () =>
				act(frm, "learn_lead_scores", {}, { message: __("It is being learned in the background. Reload in a minute.") })
			);
		},
	});
}

const RESULTS = () => ({
	"Not Enough": [__("Not Enough"), "gray", __("It takes 200 decided leads, 30 of each outcome, some of them later than the others. Until then the rules alone give scores.")],
	"Not Better": [__("Not Better"), "orange", __("It tells leads apart no better than the rules do: it stays off.")],
	Better: [__("Better"), "green", __("It tells leads apart better than the rules do: leads have a learned score.")],
});

function quality_html(doc) {
	const result = RESULTS()[doc.state];
	if (!result) return `<p class="crm-note">${escaped(__("Nothing was learned yet"))}</p>`;
	const [label, colour, text] = result;
	const head = `<p>${pill(label, colour)} ${escaped(text)}</p><p class="crm-note">${escaped(
		__("Decided leads: {0}. Converted: {1}", [doc.examples, doc.converted])
	)}</p>`;
	if (!doc.calibration) return head;
	return head + comparison_html(doc) + calibration_html(JSON.parse(doc.calibration));
}

function comparison_html(doc) {
	const rows = [
		[__("Learned Score"), doc.auc.toFixed(3), doc.brier.toFixed(4)],
		[__("Rules"), doc.rules_auc.toFixed(3), doc.rules_brier.toFixed(4)],
		[__("A guess"), "0.500", doc.guess_brier.toFixed(4)],
	];
	const heads = [__("Score"), __("AUC (more is better)"), __("Brier Score (less is better)")];
	const since = frappe.datetime.str_to_user(doc.split_on);
	const note = __("Judged by leads since {0}, with what was known before each was decided. Leads judged: {1}", [since, doc.judged]);
	return section(__("Quality"), table(heads, rows.map((row) => row.map(escaped))), note);
}

function calibration_html({ learned, rules }) {
	const heads = [__("Leads"), __("Learned Score"), __("Converted"), __("Rules"), __("Converted")];
	const rows = learned.map(([count, mean, share], place) => {
		const [, rules_mean, rules_share] = rules[place] || [0, 0, 0];
		return [String(count), percent(mean), percent(share), percent(rules_mean), percent(rules_share)];
	});
	const note = __("Groups of equal size, the least likely first: the chance that was given, and what came true");
	return section(__("Calibration"), table(heads, rows.map((row) => row.map(escaped))), note);
}
