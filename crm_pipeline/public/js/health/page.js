/** What is behind, for whoever looks after the site: the Desk page "CRM Pipeline Health". */

import { date_text, doc_link, escaped, pill } from "../shared/html";
import { name_page } from "../shared/page_name";
import { colour_of } from "../shared/registry";
import { call, read } from "../shared/server";

const STATES = () => ({
	Done: __("Done"),
	Running: __("Running"),
	Never: __("Not Run Yet"),
	Stopped: __("Stopped"),
	Missed: __("Missed"),
});

export class PipelineHealth {
	constructor(wrapper) {
		this.page = frappe.ui.make_app_page({ parent: wrapper, title: __("CRM Pipeline Health"), single_column: true });
		this.page.set_primary_action(__("Catch Up Now"), () => this.catch_up());
		this.page.set_secondary_action(__("Refresh"), () => this.refresh());
		this.page.add_menu_item(__("Error Log"), () => frappe.set_route("List", "Error Log"));
		this.body = $(`<div class="crm-page crm-look"></div>`).appendTo(this.page.main)[0];
	}

	async shown() {
		name_page(this.page, __("CRM Pipeline Health"));
		await this.refresh();
	}

	async refresh() {
		const state = await read("get_pipeline_state");
		if (state) this.body.innerHTML = page_html(state);
	}

	async catch_up() {
		await call("catch_up_now");
		frappe.show_alert({ message: __("Queued. Refresh in a minute."), indicator: "green" });
		await this.refresh();
	}
}

export function page_html(state) {
	return verdict_html(state.problems) + parts_html(state) + jobs_html(state.jobs) + pending_html(state.pending);
}

/** The problems come as HTML of the server's own sentences. */
function verdict_html(problems) {
	if (!problems.length) return `<p>${pill(__("All Is Well"), "green")} ${__("Nothing is behind.")}</p>`;
	return `<ul class="list-unstyled">${problems.map((text) => `<li>${pill(__("Look Here"), "red")} ${text}</li>`).join("")}</ul>`;
}

function parts_html(state) {
	const parts = [
		[__("Queue"), state.queue ? pill(__("Answers"), "green") : pill(__("Does Not Answer"), "red")],
		[__("Workers"), pill(String(state.workers), state.workers ? "green" : "red")],
		[__("Scheduler"), state.scheduler ? pill(__("On"), "green") : pill(__("Off"), "red")],
	];
	return table_html([], parts, __("Background Services"));
}

function jobs_html(jobs) {
	const rows = jobs.map((job) => [
		escaped(job.label),
		pill(STATES()[job.state], colour_of("Pipeline Job", job.state)),
		date_text(job.finished_on),
		job.done ?? "",
		job.changed ?? "",
		job.failed ?? "",
	]);
	return table_html([__("Job"), __("Status"), __("Finished On"), __("Records"), __("Changed"), __("Failed")], rows, __("Daily Jobs"));
}

function pending_html(pending) {
	const title = __("Waiting to Be Caught Up: {0}", [pending.count]);
	if (!pending.count) {
		return `<h5>${title}</h5><p class="text-muted">${__("All that orders, invoices and quotations changed has been recorded.")}</p>`;
	}
	const rows = pending.rows.map((row) => [
		doc_link(row.document_type, row.document),
		escaped(__(row.document_type)),
		date_text(row.creation),
		row.attempts,
		escaped(row.error),
	]);
	return table_html([__("Document"), __("Type"), __("Since"), __("Tries"), __("Error")], rows, title);
}

/** Cells are HTML already. */
function table_html(heads, rows, title) {
	const head = heads.length ? `<thead><tr>${heads.map((text) => `<th>${text}</th>`).join("")}</tr></thead>` : "";
	const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("");
	return `<h5 style="margin-top: var(--margin-lg)">${title}</h5>
		<div class="table-responsive"><table class="table table-bordered">${head}<tbody>${body}</tbody></table></div>`;
}
