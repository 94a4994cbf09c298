/** Time of a deal per stage, over its history. */

import { DAY, days_text, spent_text } from "../shared/duration";
import { escaped } from "../shared/html";
import { read } from "../shared/server";

export async function show_dwell(frm) {
	const field = frm.fields_dict.history_html;
	if (!field) return;
	const area = area_before(field.$wrapper).empty();
	if (frm.is_new()) return;
	const name = frm.docname;
	const stays = ((await read("get_dwell", { doctype: frm.doctype, name })) || []).filter((stay) => !stay.closed);
	if (frm.docname === name && stays.length) area.html(dwell_html(stays));
}

/** The history draws itself into its own field; this stands before it. */
function area_before($wrapper) {
	const found = $wrapper.siblings(".crm-dwell");
	return found.length ? found.first() : $(`<section class="crm-feed crm-dwell"></section>`).insertBefore($wrapper);
}

function dwell_html(stays) {
	const longest = Math.max(DAY, ...stays.map((stay) => Math.max(stay.seconds, stay.limit_days * DAY)));
	const rows = stays.map((stay) => row_html(stay, longest)).join("");
	return `<div class="crm-feed-head"><h5>${escaped(__("Time per Stage"))}</h5></div><table class="crm-dwell-table">${rows}</table>`;
}

function row_html(stay, longest) {
	const over = stay.limit_days && stay.seconds > stay.limit_days * DAY;
	const facts = [
		working_text(stay.working_days),
		stay.visits > 1 ? __("{0} visits", [stay.visits]) : "",
		stay.limit_days ? __("expected: {0}", [days_text(stay.limit_days)]) : "",
		stay.running ? __("running") : "",
	];
	return `<tr><th scope="row">${escaped(stay.label)}</th>
		<td class="crm-dwell-bar"><span class="${over ? "crm-dwell-over" : ""}" style="width: ${(100 * stay.seconds) / longest}%"></span></td>
		<td>${escaped(spent_text(stay.seconds))}</td>
		<td class="text-muted">${escaped(facts.filter(Boolean).join(" · "))}</td></tr>`;
}

function working_text(days) {
	if (days === null) return "";
	return days === 1 ? __("1 working day") : __("{0} working days", [days]);
}
