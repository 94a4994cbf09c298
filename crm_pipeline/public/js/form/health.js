/** How a deal stands: the signals of a stalled deal over its form. */

import { escaped } from "../shared/html";
import { act, ask, read } from "../shared/server";
import { head_of } from "./ribbon";

/** Score and reasons of an open deal, folded while it is not stalled. */
export async function show_health(frm) {
	const area = head_of(frm, "health");
	area.insertAfter(area.siblings(".crm-head-stages"));
	if (area.data("shown-for") !== frm.docname) area.empty();
	if (frm.is_new() || frm.doc.status !== "Open") {
		area.empty();
		return;
	}
	const name = frm.docname;
	let health;
	try {
		health = await read("get_deal_health", { doctype: frm.doctype, name });
	} catch {
		return;
	}
	if (frm.docname !== name) return;
	area.data("shown-for", name).html(health?.reasons.length ? health_html(health) : "");
	if (health?.stalled && frm.perm[0]?.write) {
		$(`<button type="button" class="btn btn-xs btn-default">${escaped(__("Not Stalled …"))}</button>`)
			.on("click", () => ask_acknowledge(frm))
			.appendTo(area.find(".crm-health"));
	}
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
	return `<details class="crm-health ${stalled ? "crm-health-stalled" : ""}" ${stalled ? "open" : ""}>
		<summary><b>${escaped(headline)}</b> <span class="text-muted">(${escaped(of)})</span></summary>
		${spared ? `<p class="mb-0">${escaped(spared)}</p>` : ""}<ul>${items}</ul></details>`;
}
