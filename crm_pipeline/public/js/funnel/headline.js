/** The few numbers above the picture, beside those of the period before once these are there, and what stands out. */

import { change } from "../core/numbers";
import { escaped } from "../shared/html";
import { notices as list_of, tiles } from "../shared/kit";
import { cell, count, days, money, percent } from "./words";

export function headline(data) {
	const { outcome, before } = data;
	const beside = (words, name) => (before ? words(outcome[name], before[name]) : "");
	const box = (name, html, note) => ({ name, html, note });
	const scope = `<p class="crm-note crm-scope">${escaped(data.scope_text)}</p>`;
	return scope + elsewhere(data) + tiles([
		box(__("Deals"), cell(outcome.opened, "opened", null, __("Deals")), beside(compared, "opened")),
		box(__("Won"), cell(outcome.won, "won", null, __("Won")), beside(compared, "won")),
		box(__("Won Amount"), cell(outcome.won_amount, "won", null, __("Won Amount"), { text: money(outcome.won_amount, data) }), beside(compared, "won_amount")),
		box(__("Win Rate of These Deals"), escaped(percent(outcome.win_rate)), beside(points, "win_rate")),
		box(__("Days to Win"), escaped(days(outcome.cycle_median)), spread(outcome)),
		box(__("Still Open"), cell(outcome.open, "open", null, __("Still Open")), escaped(money(outcome.open_amount, data))),
	]);
}

/** What the period can't show, and the period that would. */
function elsewhere({ elsewhere: { lines, first, last } }) {
	const button = first
		? ` <button class="btn btn-default btn-xs" data-from="${escaped(first)}" data-to="${escaped(last)}">${escaped(__("Show That Period"))}</button>`
		: "";
	return list_of(lines.map((line, place) => escaped(line) + (place ? "" : button)));
}

function compared(now, was) {
	const part = change(now, was);
	if (part === null) return escaped(__("nothing in the period before"));
	const sign = part > 0 ? "+" : "";
	return escaped(__("{0} against the period before", [`${sign}${format_number(100 * part, null, 0)}%`]));
}

function points(now, was) {
	if (now === null || was === null) return "";
	const part = 100 * (now - was);
	return escaped(__("{0} points against the period before", [`${part > 0 ? "+" : ""}${format_number(part, null, 1)}`]));
}

function spread(outcome) {
	if (outcome.cycle_p90 === null) return "";
	return escaped(__("median; 9 of 10 within {0}", [days(outcome.cycle_p90)]));
}

/** The bottleneck, and stages that hold more than the one before them. */
export function notices(data) {
	const label = Object.fromEntries(data.stages.map((row) => [row.stage, row.label]));
	const lines = [];
	if (data.bottleneck) {
		const { stage, passed } = data.bottleneck;
		lines.push(__("Bottleneck: {0}. Of the deals that left it, {1} advanced.", [label[stage], percent(passed)]));
	}
	for (const { stage, before, of } of data.no_funnel) {
		lines.push(
			of === "standing"
				? __("No funnel: more deals stand in {0} than in {1} before it.", [label[stage], label[before]])
				: __("No funnel: more deals entered {0} than {1} before it.", [label[stage], label[before]])
		);
	}
	return list_of(lines.map(escaped));
}
