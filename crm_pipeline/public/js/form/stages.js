/** Stages: the bar over a deal's form, and the table on a pipeline's form. */

import { undo_allowed } from "../core/board";
import { standing } from "../core/columns";
import { safe_colour } from "../core/numbers";
import { DAY, days_text } from "../shared/duration";
import { DEALS, colour_of } from "../shared/registry";
import { act } from "../shared/server";
import { doc_link, escaped, pill } from "../shared/html";
import { with_answers } from "../shared/stage_questions";
import { toast } from "../shared/toast";
import { show_guide } from "./guide";
import { bar_of } from "./folds";

const KEEP_SECONDS = 60;
const known = {};

/** Settings and enabled stages of a pipeline: {rules, stages}; asked for again after a minute. */
export function pipeline(name) {
	const fresh = known[name] && Date.now() - known[name].at < KEEP_SECONDS * 1000;
	if (!fresh) known[name] = { at: Date.now(), answer: fetch_pipeline(name) };
	return known[name].answer;
}

async function fetch_pipeline(name) {
	const [rules, stages] = await Promise.all([
		frappe.db.get_value("Sales Pipeline", name, [
			"quotation_step", "contract_step", "allow_skip", "allow_back", "allow_reopen", "allow_win_by_hand",
		]),
		frappe.db.get_list("Pipeline Stage", {
			filters: { pipeline: name, disabled: 0 },
			fields: ["name", "label", "position", "stage_type", "creation"],
			order_by: "position asc",
			limit: 100,
		}),
	]);
	return { rules: rules.message || {}, stages };
}

/** The bar of open stages, where a click moves the deal, and the guide below it. */
export async function show_stage_bar(frm) {
	const area = bar_of(frm).children(".crm-stage-place");
	show_guide(frm);
	// The checklist follows the stages: rows come and go with their gates.
	frm.set_df_property("checks", "cannot_add_rows", 1);
	frm.set_df_property("checks", "cannot_delete_rows", 1);
	if (frm.is_new() || !frm.doc.pipeline) {
		area.empty();
		return;
	}
	const name = frm.docname;
	const { stages } = await pipeline(frm.doc.pipeline);
	if (frm.docname !== name) return;
	area.html(bar_html(frm, stages));
	area.find("button[data-stage]").on("click", (event) => move(frm, event.currentTarget.dataset.stage));
}

function bar_html(frm, stages) {
	const current = stages.find((stage) => stage.name === frm.doc.stage);
	const visits = frm.doc.__onload?.stage_visits || {};
	const closed = frm.doc.status !== "Open";
	const buttons = stages
		.filter((stage) => stage.stage_type === "Open" || stage === current)
		.map((stage) => stage_html(stage, current, closed || !frm.perm[0]?.write, standing(stage, current, stages, visits)))
		.join("");
	const since = frm.doc.stage_entered_on
		? `<span class="text-muted">${escaped(__("In this stage for {0}", [time_since(frm.doc)]))}</span>`
		: "";
	return `<div class="crm-stages" role="group" aria-label="${escaped(__("Stage"))}">${buttons}${closed ? "" : since}</div>`;
}

/** Whole days of all visits to the stage, as the board says them. */
function time_since({ stage_entered_on, earlier_seconds }) {
	const running = Math.max(moment(frappe.datetime.system_datetime()).diff(stage_entered_on, "seconds"), 0);
	const days = Math.floor((running + (earlier_seconds || 0)) / DAY);
	return days < 1 ? __("less than a day") : days_text(days);
}

const STANDING = {
	here: () => __("Current stage"),
	passed: () => __("Passed"),
	skipped: () => __("Skipped"),
	added: () => __("Added to the pipeline later"),
};

function stage_html(stage, current, locked, position) {
	const here = stage === current;
	const type = here && stage.stage_type !== "Open" ? `crm-stage-${stage.stage_type.toLowerCase()}` : "";
	const move = here || locked ? "" : __("Move to {0}", [__(stage.label)]);
	const title = [STANDING[position]?.(), move].filter(Boolean).join(" · ");
	const mark = { passed: "✓ ", skipped: "– ", added: "+ " }[position] || "";
	return `<button type="button" class="btn btn-xs crm-stage crm-stage-${position} ${type}"
		data-stage="${escaped(stage.name)}" ${locked || here ? "disabled" : ""} ${here ? 'aria-current="step"' : ""}
		title="${escaped(title)}">
		<span aria-hidden="true">${mark}</span>${escaped(__(stage.label))}<span class="sr-only">, ${escaped(title)}</span></button>`;
}

/** Move a deal from its form, with what the gates ask, and a way back. */
async function move(frm, stage) {
	const { stages, rules } = await pipeline(frm.doc.pipeline);
	const { label } = stages.find(({ name }) => name === stage);
	const deal = { doctype: frm.doctype, name: frm.docname };
	const from = frm.doc.stage;
	try {
		if (frm.is_dirty()) await frm.save();
	} catch {
		return;
	}
	await with_answers(deal, stage, __(label), async (answers) => {
		const moved = await act(frm, "move_stage", { ...deal, stage, seen_stage: from, ...answers });
		if (moved) say_moved(frm, __("Moved to {0}", [__(label)]), from, stages, rules);
		return moved;
	});
}

/** What became of a deal whose form this is, and Undo where the pipeline allows the way back. */
export function say_moved(frm, text, from, stages, rules) {
	const columns = stages.map(({ name, stage_type }) => ({ name, type: stage_type, disabled: false }));
	const [origin, target] = [from, frm.doc.stage].map((name) => columns.find((column) => column.name === name));
	const allowed = origin && target && undo_allowed(columns, origin, target, rules);
	const deal = { doctype: frm.doctype, name: frm.docname, seen_stage: frm.doc.stage };
	toast(text, allowed ? () => act(frm, "undo_move", deal, { message: __("The move was undone") }) : null);
}

/** The stages of a pipeline as a table with links, in its stages_html field. */
export function show_stage_table(frm) {
	const $wrapper = frm.fields_dict.stages_html.$wrapper;
	if (frm.is_new()) {
		$wrapper.html(`<p class="text-muted">${escaped(__("Save the pipeline, then add its stages."))}</p>`);
		return;
	}
	const rows = frm.doc.__onload?.stages || [];
	const missing = frm.doc.__onload?.missing_types || [];
	if (missing.length && !frm.doc.disabled) {
		const kinds = missing.map((kind) => __(kind)).join(", ");
		frm.set_intro(escaped(__("This pipeline has no enabled stage of type: {0}. Deals can't be moved there.", [kinds])), "orange");
	}
	$wrapper.html(rows.length ? stages_html(rows) : `<p class="text-muted">${escaped(__("This pipeline has no stages yet."))}</p>`);
	if (frappe.model.can_create("Pipeline Stage")) {
		$(`<button type="button" class="btn btn-xs btn-default">${escaped(__("Add Stage"))}</button>`)
			.on("click", () => {
				const last = Math.max(0, ...rows.map((row) => row.position));
				frappe.new_doc("Pipeline Stage", { pipeline: frm.docname, position: last + 10 });
			})
			.appendTo($wrapper);
	}
}

function stages_html(rows) {
	const body = rows
		.map(
			(row) => `<tr class="${row.disabled ? "text-muted" : ""}">
				<td>${escaped(row.position)}</td>
				<td><span class="crm-stage-dot" style="background: ${escaped(safe_colour(row.color) || "var(--gray-400)")}"></span>
					${doc_link("Pipeline Stage", row.name, __(row.label))}</td>
				<td>${pill(__(row.stage_type), colour_of(DEALS[0], row.stage_type))}</td>
				<td class="text-right">${escaped(format_number(row.probability, null, 0))}%</td>
				<td>${row.disabled ? pill(__("Disabled"), "gray") : ""}</td>
			</tr>`
		)
		.join("");
	return `<div class="table-responsive"><table class="table table-sm">
		<thead><tr><th>${escaped(__("Position"))}</th><th>${escaped(__("Stage"))}</th><th>${escaped(__("Type"))}</th>
			<th class="text-right">${escaped(__("Probability"))}</th><th></th></tr></thead>
		<tbody>${body}</tbody></table></div>`;
}
