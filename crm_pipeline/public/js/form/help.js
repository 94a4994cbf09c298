/** Help wanted: questions about a deal to its manager, and the answers. */

import { date_text, escaped, pill } from "../shared/html";
import { DEALS, colour_of } from "../shared/registry";
import { act, ask } from "../shared/server";
import { name_status } from "../shared/status";

export function help_html(guide) {
	const rows = guide.requests.map((row) => `<li>${request_html(row)}</li>`).join("");
	const button = guide.may_ask
		? `<button type="button" class="btn btn-xs btn-default" data-help="ask">${escaped(__("Ask for Help"))}</button>`
		: "";
	return rows || button ? `${rows ? `<ul>${rows}</ul>` : ""}${button}` : "";
}

function request_html(row) {
	const asked = [frappe.user.full_name(row.asked_by), date_text(row.asked_on)].filter(Boolean).join(" · ");
	const to = row.manager ? __("to {0}", [frappe.user.full_name(row.manager)]) : __("to the sales managers");
	const answer = row.answer
		? `<div class="crm-help-answer"><div class="crm-help-text">${escaped(row.answer)}</div>
			<div class="text-muted">${escaped(
				[frappe.user.full_name(row.answered_by), date_text(row.answered_on)].filter(Boolean).join(" · ")
			)}</div></div>`
		: "";
	const button = (action, label, style) =>
		`<button type="button" class="btn btn-xs ${style}" data-help="${action}"
			data-request="${escaped(row.name)}">${escaped(label)}</button>`;
	return `<div>${pill(__(row.wanted), colour_of("Sales Help Request", row.status))}
			<span class="crm-help-text">${escaped(row.question)}</span></div>
		<div class="text-muted">${escaped(asked)} ${row.status === "Open" ? escaped(to) : ""}</div>${answer}
		${row.may_answer ? button("answer", __("Answer"), "btn-primary") : ""}
		${row.may_withdraw ? button("withdraw", __("Withdraw"), "btn-default") : ""}`;
}

export function watch_help(frm, area, guide) {
	area.find("button[data-help]").on("click", (event) => {
		const { help, request } = event.currentTarget.dataset;
		const row = guide.requests.find((one) => one.name === request);
		if (help === "ask") ask_for_help(frm);
		else if (help === "answer") answer_help(frm, row);
		else act(frm, "withdraw_help", { name: request }, { message: __("Withdrawn") });
	});
}

function ask_for_help(frm) {
	frappe.model.with_doctype("Sales Help Request", () =>
		ask(
			__("Ask the Manager for Help"),
			[
				{
					fieldname: "wanted",
					fieldtype: "Select",
					label: __("Wanted"),
					options: frappe.meta.get_docfield("Sales Help Request", "wanted").options,
					default: "Advice",
					reqd: 1,
				},
				{ fieldname: "question", fieldtype: "Small Text", label: __("Question"), reqd: 1 },
			],
			__("Ask"),
			(values, dialog) => {
				const args = { doctype: frm.doctype, name: frm.docname, ...values };
				return act(frm, "ask_for_help", args, { dialog, open: false, message: __("Your manager is told") });
			}
		)
	);
}

/** Also used on the form of the request itself. */
export function answer_help(frm, row) {
	ask(
		__("Answer"),
		[
			{ fieldtype: "HTML", options: `<p class="crm-help-text">${escaped(row.question)}</p>` },
			{ fieldname: "answer", fieldtype: "Text", label: __("Answer"), reqd: 1 },
		],
		__("Answer"),
		(values, dialog) =>
			act(frm, "answer_help", { name: row.name, answer: values.answer }, { dialog, message: __("Answered") })
	);
}

export function help_request_form() {
	name_status("Sales Help Request");
	frappe.ui.form.on("Sales Help Request", {
		refresh(frm) {
			if (frm.is_new()) {
				frm.set_query("reference_doctype", () => ({ filters: { name: ["in", DEALS] } }));
				return;
			}
			frm.set_df_property("answer", "read_only", 1);
			const open = frm.doc.status === "Open";
			frm.set_df_property("question", "read_only", !open);
			frm.set_df_property("wanted", "read_only", !open);
			frm.add_custom_button(__("Open the Deal"), () =>
				frappe.set_route("Form", frm.doc.reference_doctype, frm.doc.reference_name)
			);
			if (frm.doc.__onload?.may_answer) {
				frm.add_custom_button(__("Answer"), () => answer_help(frm, frm.doc)).addClass("btn-primary");
			}
			if (open && frm.doc.asked_by === frappe.session.user) {
				frm.add_custom_button(__("Withdraw"), () =>
					act(frm, "withdraw_help", { name: frm.docname }, { message: __("Withdrawn") })
				);
			}
		},
	});
}
