/** Rows of My Day as HTML. */

import { actions_of, hidden_count, listed_parts } from "../core/day_rows";
import { ask_html } from "../shared/drill";
import { date_text, doc_link, escaped, pill } from "../shared/html";

export const LABELS = {
	done: () => __("Done"),
	move: () => __("Move"),
	log: () => __("Log"),
	forward: () => __("Forward"),
	assign: () => __("Assign"),
	claim: () => __("Claim"),
	open: () => __("Open the Form"),
};

/** The key that does the same as the button, while the row has the focus. */
export const KEYS = { done: "d", move: "m", log: "l", forward: "f", assign: "a", claim: "c", open: "o" };

export function section_html(section) {
	const rows = section.rows.map((row, place) => row_html(row, section.key, place)).join("");
	const more = hidden_count(section);
	const note = more ? `<p class="crm-note">${escaped(__("{0} more in the list", [more]))}</p>` : "";
	const lists = listed_parts(section.parts).map((part) => {
		const text = `${part.label} ${part.count}`;
		return ask_html(escaped(text), { doctype: part.doctype, filters: part.filters }, section.label);
	});
	return `<section class="crm-day-section" data-section="${section.key}" aria-label="${escaped(section.label)}">
		<h4>${escaped(section.label)} <span class="crm-day-count">${section.count}</span><span class="crm-day-lists">${lists.join("")}</span></h4>
		<ul class="crm-day-rows">${rows}</ul>${note}
	</section>`;
}

function row_html(row, section, place) {
	const amount = row.amount ? format_currency(row.amount, row.currency) : "";
	const party = [row.party, row.about, amount].filter((text) => text && text !== row.title).join(" · ");
	const when = when_text(row);
	const marks = [
		row.priority === "High" ? pill(__("High"), "red") : "",
		row.way ? pill(__(row.way), "gray") : "",
		row.severity ? pill(__(row.severity), "orange") : "",
	].join(" ");
	const text = row.text && row.text !== row.title ? `<div class="crm-day-text">${escaped(row.text)}</div>` : "";
	const actions = actions_of({ ...row, follow_up: row.follow_up_date }, section);
	const buttons = actions.map((action) => button_html(action, row)).join("");
	return `<li class="crm-day-row" tabindex="${place ? -1 : 0}" data-section="${section}" data-place="${place}">
		<div class="crm-day-main">
			<div class="crm-day-title">${doc_link(row.doctype, row.name, row.title)} ${marks}</div>
			<div class="crm-day-facts"><span class="${row.is_late ? "crm-late" : ""}">${escaped(when)}</span>${party ? `<span>${escaped(party)}</span>` : ""}</div>
			${text}
		</div>
		<div class="crm-day-actions">${buttons}</div>
	</li>`;
}

function button_html(action, row) {
	const label = LABELS[action]();
	const said = escaped(`${label}: ${row.title}`);
	return `<button type="button" class="btn btn-xs btn-default" data-action="${action}" aria-label="${said}" title="${escaped(`${label} (${KEYS[action].toUpperCase()})`)}">${escaped(label)}</button>`;
}

/** A day, or a moment as the user's clock shows it. */
function when_text(row) {
	if (!row.at) return "";
	return date_text(String(row.at).length > 10 ? frappe.datetime.convert_to_user_tz(row.at) : row.at);
}
