/** The health of a deal: the signals of a stalled deal over its form. */

import { escaped } from "../shared/html";
import { act, ask, read } from "../shared/server";
import { set_fold } from "./folds";
import { head_of } from "./ribbon";

/** What is wrong with an open deal: the first reason in the row over the fields, all of them below it. */
export async function show_health(frm) {
	const known = head_of(frm, "health");
	if (known.data("shown-for") !== frm.docname || frm.is_new() || frm.doc.status !== "Open") set_fold(frm, "health");
	if (frm.is_new() || frm.doc.status !== "Open") return;
	const name = frm.docname;
	let health;
	try {
		health = await read("get_deal_health", { doctype: frm.doctype, name });
	} catch {
		return;
	}
	if (frm.docname !== name) return;
	const html = health?.reasons.length ? health_html(health) : "";
	const area = set_fold(frm, "health", { summary: html && summary_of(health), kind: health?.stalled ? "orange" : "gray", html });
	area.data("shown-for", name);
	if (health?.stalled && frm.perm[0]?.write) {
		$(`<button type="button" class="btn btn-xs btn-default">${escaped(__("Not Stalled …"))}</button>`)
			.on("click", () => ask_acknowledge(frm))
			.appendTo(area.find(".crm-health"));
	}
}

function summary_of({ stalled, reasons }) {
	const [first, ...others] = reasons;
	const text = stalled ? __("Stalled: {0}", [first.text]) : first.text;
	return others.length ? __("{0} and {1} more", [text, others.length]) : text;
}

/** A word why a deal is not stalled, and until when. */
function ask_acknowledge(frm) {
	ask(
		__("Why Is It Not Stalled?"),
		[
			{ fieldname: "reason", fieldtype: "Data", label: __("Reason"), length: 140, reqd: 1 },
			{
				fieldname: "until",
				fieldtype: "Date",
				label: __("Not Stalled Until"),
				default: frappe.datetime.add_days(frappe.datetime.get_today(), 14),
				reqd: 1,
			},
		],
		__("Save"),
		(values, dialog) => act(frm, "acknowledge_stalled", { doctype: frm.doctype, name: frm.docname, ...values }, { dialog })
	);
}

function health_html({ score, stalled, stalled_from, spared, reasons }) {
	const items = reasons
		.map(
			({ label, text, weight }) =>
				`<li title="${escaped(label)}">${escaped(text)}${weight ? ` <span class="text-muted">+${escaped(weight)}</span>` : ""}</li>`
		)
		.join("");
	const headline = stalled ? __("This deal is stalled") : __("Signs that this deal may stall");
	const of = stalled_from > 0 ? __("score {0}, stalled from {1}", [score, stalled_from]) : __("score {0}", [score]);
	return `<section class="crm-health ${stalled ? "crm-health-stalled" : ""}">
		<b>${escaped(headline)}</b> <span class="text-muted">(${escaped(of)})</span>
		${spared ? `<p class="mb-0">${escaped(spared)}</p>` : ""}<ul>${items}</ul></section>`;
}
