/** Under the stage bar: guidance of the stage, what is missing for the next one, suggested tasks, help. */

import { date_text, doc_link, escaped, pill, safe_html } from "../shared/html";
import { act, read } from "../shared/server";
import { colour_of } from "../shared/registry";
import { set_fold } from "./folds";
import { help_html, watch_help } from "./help";
import { head_of } from "./ribbon";

export async function show_guide(frm) {
	const stale = head_of(frm, "guide").data("shown-for") !== frm.docname;
	if (stale) set_fold(frm, "guide");
	if (frm.is_new()) return;
	const name = frm.docname;
	let guide;
	try {
		guide = await read("get_stage_guide", deal_of(frm));
	} catch {
		return;
	}
	if (frm.docname !== name) return;
	const area = set_fold(frm, "guide", { ...summary_of(guide), html: guide_html(frm, guide) }).data("shown-for", name);
	area.find("input[data-check]").on("change", (event) => tick(frm, event.currentTarget));
	area.find("a[data-field]").on("click", (event) => {
		event.preventDefault();
		frm.scroll_to_field(event.currentTarget.dataset.field);
	});
	area.find("button[data-task]").on("click", (event) => plan(frm, event.currentTarget));
	watch_help(frm, area, guide);
}

function deal_of(frm) {
	return { doctype: frm.doctype, name: frm.docname };
}

/** What the guide comes to in a few words. */
function summary_of(guide) {
	const left = (guide.gates || []).filter((gate) => !gate.met).length;
	const summary = guide.gates?.length && guide.next ? gates_title(guide) : __("Guide");
	return { summary, kind: left ? "orange" : "gray" };
}

function guide_html(frm, guide) {
	const parts = [
		part_html(__("Guidance"), text_html(guide.guidance)),
		part_html(gates_title(guide), gates_html(frm, guide.gates || [])),
		part_html(__("Suggested"), tasks_html(frm, guide.tasks || [])),
		part_html(__("Help"), help_html(guide), guide.requests.length ? "" : "crm-guide-small"),
	];
	return `<div class="crm-guide">${parts.join("")}</div>`;
}

function part_html(title, body, style = "") {
	return body ? `<section class="crm-guide-part ${style}"><h6>${escaped(title)}</h6>${body}</section>` : "";
}

/** Guidance is rich text, or a plain sentence of the standard pipelines. */
function text_html(text) {
	if (!text) return "";
	return frappe.utils.is_html(text) ? safe_html(text) : `<p>${escaped(text)}</p>`;
}

function gates_title(guide) {
	const left = (guide.gates || []).filter((gate) => !gate.met).length;
	if (!guide.next) return __("Before Moving On");
	return left ? __("Before {0}: {1} to do", [guide.next.label, left]) : __("Ready for {0}", [guide.next.label]);
}

function gates_html(frm, gates) {
	if (!gates.length) return "";
	return `<ul>${gates.map((gate) => `<li>${gate_html(frm, gate)}</li>`).join("")}</ul>`;
}

function gate_html(frm, gate) {
	if (gate.kind === "Check") {
		const who = gate.ticked_by ? ` title="${escaped(frappe.user.full_name(gate.ticked_by))}"` : "";
		return `<label class="crm-gate"${who}><input type="checkbox" data-check="${escaped(gate.key)}"
			${gate.met ? "checked" : ""} ${frm.perm[0]?.write ? "" : "disabled"}> ${escaped(gate.text)}</label>`;
	}
	const text = gate.field
		? `<a href="#" data-field="${escaped(gate.field)}">${escaped(gate.text)}</a>`
		: escaped(gate.text);
	const state = gate.met ? __("Done") : __("Missing");
	return `<span class="crm-gate"><span class="crm-gate-mark ${gate.met ? "crm-gate-met" : ""}" role="img"
		aria-label="${escaped(state)}" title="${escaped(state)}">${gate.met ? "✓" : "○"}</span> ${text}</span>`;
}

function tasks_html(frm, tasks) {
	const may_plan = frm.perm[0]?.write && frappe.model.can_create("Sales Activity");
	const rows = tasks.map((task) => `<li title="${escaped(task.guidance)}">${task_html(task, may_plan)}</li>`);
	return rows.length ? `<ul>${rows.join("")}</ul>` : "";
}

function task_html(task, may_plan) {
	if (task.activity) {
		return `<div class="crm-task">${doc_link("Sales Activity", task.activity, task.subject)}
			${pill(__(task.status), colour_of("Sales Activity", task.status))}</div>`;
	}
	const button = `<button type="button" class="btn btn-xs btn-default" data-task="${escaped(task.key)}">
		${escaped(__("Plan"))}</button>`;
	return `<div class="crm-task"><span>${escaped(task.subject)}
		<span class="text-muted crm-task-facts">${escaped(`${__(task.way)} · ${date_text(task.due)}`)}</span></span>
		${may_plan ? button : ""}</div>`;
}

async function tick(frm, box) {
	box.disabled = true;
	const done = box.checked ? 1 : 0;
	const worked = await act(frm, "tick_check", { ...deal_of(frm), check: box.dataset.check, done });
	if (worked) return;
	box.checked = !done;
	box.disabled = false;
}

async function plan(frm, button) {
	button.disabled = true;
	const args = { ...deal_of(frm), task: button.dataset.task };
	const worked = await act(frm, "plan_task", args, { message: __("Planned"), open: false });
	if (!worked) button.disabled = false;
}
