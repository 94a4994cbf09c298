/** The first periods as cards: what will come in, how sure that is, and what it is made of. */

import { escaped } from "../shared/html";
import { notices as list_of } from "../shared/kit";
import { COLOURS, COLUMNS, OF_DEALS, column_label, method_hint, method_label } from "./words";

/** HTML of up to `count` cards, beginning with the current period. */
export function headline(outlook, write, count = 3) {
	const coming = outlook.periods.filter((period) => !period.past).slice(0, count);
	return coming.map((period) => card(period, outlook, write)).join("");
}

/** The method to go by: the best one measured, else weighted by stage. */
export function proposed(outlook) {
	return outlook.methods.find((method) => method.best) || { method: "weighted", errors: [] };
}

function card(period, outlook, write) {
	const best = proposed(outlook).method;
	const way = period.methods[best] ? best : "weighted";
	const { value, low, high } = period.methods[way];
	const unknown = outlook.is_measured ? __("not measured yet") : __("not measured for this selection");
	const sure = low === null ? unknown : __("probably {0} to {1}", [write(low), write(high)]);
	const cell = { column: way, first: period.first, last: period.last };
	const number = OF_DEALS.includes(way) ? cell_link(write(value), value, cell) : write(value);
	return `<div class="crm-tile">
		<div class="crm-fc-when">${escaped(period.label)}${period.current ? ` <span>${__("so far and to come")}</span>` : ""}</div>
		<div class="crm-tile-number">${number}</div>
		<div class="crm-fc-sure" title="${escaped(method_hint(way))}">${escaped(method_label(way))} · ${sure}</div>
		${bar(period)}
		<div class="crm-fc-parts">${COLUMNS.map((name) => part(period, name, write)).join("")}</div>
	</div>`;
}

function bar(period) {
	const whole = COLUMNS.reduce((sum, name) => sum + Math.max(period[name], 0), 0);
	if (!whole) return `<div class="crm-fc-bar"></div>`;
	const pieces = COLUMNS.filter((name) => period[name] > 0).map(
		(name) =>
			`<i style="width:${(period[name] / whole) * 100}%;background:var(--crm-${COLOURS[name]})" title="${escaped(column_label(name))}"></i>`
	);
	return `<div class="crm-fc-bar">${pieces.join("")}</div>`;
}

function part(period, name, write) {
	return `<div><i class="crm-swatch" style="background:var(--crm-${COLOURS[name]})"></i>${escaped(column_label(name))}
		${cell_link(write(period[name]), period[name], { column: name, first: period.first, last: period.last })}</div>`;
}

/** A number that opens its documents; plain where there is nothing behind it. */
export function cell_link(text, value, cell) {
	if (!value) return `<span class="crm-none">${text}</span>`;
	return `<a href="#" class="crm-cell crm-fc-cell" data-cell="${escaped(JSON.stringify(cell))}">${text}</a>`;
}

/** What nobody should overlook: deals that count nowhere, or only by a rule. */
export function notices(outlook, write) {
	const { undated, later, earlier } = outlook.outside;
	const now = outlook.periods.find((period) => period.current);
	const lines = [];
	if (now?.overdue_documents) {
		const cell = { column: "overdue", first: now.first, last: now.last };
		const text = __("Open deals past their expected close: {0} ({1}). They count in the current period.", [
			now.overdue_documents,
			write(now.overdue),
		]);
		lines.push(cell_link(escaped(text), 1, cell));
	}
	const open_of = (line) => line.documents - line.signed_documents;
	if (open_of(undated)) {
		const value = undated.commit + undated.best_case + undated.pipeline + undated.omitted;
		const text = __("Open deals without an expected close: {0} ({1}). They count in no period.", [open_of(undated), write(value)]);
		lines.push(cell_link(escaped(text), 1, { column: "open", outside: "undated" }));
	}
	if (undated.signed_documents) {
		const text = __("Won deals without a closing date: {0}. They count in no period.", [undated.signed_documents]);
		lines.push(cell_link(escaped(text), 1, { column: "signed", outside: "undated" }));
	}
	for (const [name, line, words] of [
		["later", later, __("Deals expected after these periods: {0} ({1})", [later.documents, write(later.potential)])],
		["earlier", earlier, __("Deals expected before these periods: {0} ({1})", [earlier.documents, write(earlier.potential)])],
	]) {
		if (line.documents) lines.push(cell_link(escaped(words), 1, { column: "all", outside: name }));
	}
	const all = [outlook.total, undated, later, earlier];
	const unpriced = all.reduce((sum, line) => sum + line.unpriced, 0);
	const unrated = all.reduce((sum, line) => sum + line.unrated, 0);
	if (unpriced) lines.push(escaped(__("Deals without an amount, which count with 0: {0}", [unpriced])));
	if (unrated) lines.push(escaped(__("Deals in a currency without an exchange rate, which count with 0: {0}", [unrated])));
	return list_of(lines);
}
