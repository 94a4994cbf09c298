/** What the gates of a move ask for is filled in where the move is made. */

import { asks } from "../core/board";
import { escaped } from "./html";
import { ask, read } from "./server";
import { do_step, step_html } from "./stage_steps";

const CHECK = "crm_check_";

/**
 * Move a deal {doctype, name} to `stage`: `submit(answers)` does it and answers whether it worked; before that what is
 * missing is asked for. Resolves to whether the deal was moved; false, too, when the dialog is closed.
 */
export async function with_answers(deal, stage, label, submit) {
	const { doctype, name } = deal;
	let asked;
	try {
		asked = await read("get_asked_of_move", { doctype, name, stage });
	} catch {
		return false;
	}
	if (!asks(asked)) return submit({});
	return new Promise((resolve) => {
		let moved = false;
		const dialog = ask(
			__("Before {0}", [label]),
			fields_of(asked),
			__("Move"),
			async (values, shown) => {
				moved = await submit(answers_of(asked, values));
				if (moved) shown.hide();
			}
		);
		const stop = follow_steps(dialog, asked.others, { doctype, name }, stage);
		dialog.onhide = () => {
			stop();
			resolve(moved);
		};
	});
}

/** The steps of a dialog show what is done of them, also when one comes back from another tab. Answers what ends that. */
function follow_steps(dialog, steps, deal, stage) {
	const field = dialog.fields_dict.crm_others;
	if (!field) return () => {};
	let left = steps;
	const show = () => field.$wrapper.html(steps_html(steps, left, deal));
	const again = async () => {
		const { others } = await read("get_asked_of_move", { ...deal, stage });
		left = others;
		show();
		// What was done is on the deal: a form that is open behind the dialog reads it again.
		const frm = window.cur_frm;
		if (frm?.doctype === deal.doctype && frm.docname === deal.name && !frm.is_dirty()) frm.reload_doc();
	};
	field.$wrapper.on("click", "[data-step]", ({ currentTarget }) => {
		const step = steps[currentTarget.dataset.step];
		do_step(left.find(({ text }) => text === step.text) || step, deal, again);
	});
	const back = () => again().catch(() => {});
	window.addEventListener("focus", back);
	show();
	return () => window.removeEventListener("focus", back);
}

function steps_html(steps, left, deal) {
	const rows = steps.map((step, place) => {
		const now = left.find(({ text }) => text === step.text);
		return step_html(now || step, place, deal, !now);
	});
	return `<p>${escaped(__("Still missing:"))}</p><ul class="crm-gate-steps">${rows.join("")}</ul>`;
}

function fields_of({ fields, checks, others }) {
	const found = fields.map(({ value, ...df }) => ({ ...df, default: value ?? undefined, reqd: 1 }));
	found.push(...checks.map(({ key, text }) => ({ fieldname: CHECK + key, fieldtype: "Check", label: text })));
	if (others.length) found.push({ fieldname: "crm_others", fieldtype: "HTML" });
	return found;
}

function answers_of({ fields, checks }, values) {
	const ticked = checks.map(({ key }) => key).filter((key) => values[CHECK + key]);
	const filled = Object.fromEntries(fields.map(({ fieldname }) => [fieldname, values[fieldname]]));
	return { values: JSON.stringify(filled), ticked: JSON.stringify(ticked) };
}
