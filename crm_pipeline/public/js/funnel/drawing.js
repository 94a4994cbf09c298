/** The drawn funnel: leads in front, one bar per stage as wide as what entered it, orders and cash behind. */

import { ask_html, list_link } from "../shared/drill";
import { bar_lengths } from "../core/numbers";
import { escaped } from "../shared/html";
import { legend } from "../shared/kit";
import { cell, count, days, fate_label, FATES, money, part_colour, percent, step_label } from "./words";

export function drawing(data) {
	const bars = [...lead_bar(data), ...data.stages.map((row) => stage_bar(row, data)), ...won_bars(data)];
	const widths = bar_lengths(bars.map((bar) => bar.entered));
	return legend(FATES.map((fate) => [part_colour(fate), fate_label(fate)])) + bars.map((bar, place) => bar_html(bar, widths[place])).join("");
}

function lead_bar({ leads, lead_lists }) {
	if (!leads.entered) return [];
	return [
		{
			label: __("Leads"),
			entered: leads.entered,
			parts: leads,
			lists: lead_lists,
			number: list_link(escaped(count(leads.entered)), "Sales Lead", lead_lists.entered),
			note: __("converted: {0}", [percent(leads.advanced / leads.entered)]),
		},
	];
}

function stage_bar(row, data) {
	return {
		label: row.label,
		entered: row.entered,
		parts: row,
		stage: row.stage,
		number: cell(row.entered, "entered", row.stage, `${row.label}: ${__("Entered")}`),
		note: [money(row.amount, data), __("conversion {0}", [percent(row.conversion)]), row.median_days === 1 ? __("1 day") : __("{0} days", [days(row.median_days)])].join(" · "),
		narrow: data.bottleneck?.stage === row.stage,
	};
}

function won_bars(data) {
	const { outcome } = data;
	if (!outcome.won) return [];
	const won = {
		label: __("Won"),
		entered: outcome.won,
		solid: "won",
		number: cell(outcome.won, "won", null, __("Won")),
		note: money(outcome.won_amount, data),
	};
	const steps = data.orders.map(({ step, documents, amount }) => ({
		label: step_label(step),
		entered: documents,
		solid: step,
		number: cell(documents, step, null, step_label(step)),
		note: money(amount, data),
	}));
	return [won, ...steps];
}

function bar_html(bar, width) {
	const inside = bar.solid
		? `<span class="crm-funnel-part" style="flex: 1; background: var(--crm-${part_colour(bar.solid)})"></span>`
		: FATES.map((fate) => part_html(bar, fate)).join("");
	return `<div class="crm-funnel-row ${bar.narrow ? "crm-funnel-narrow" : ""}">
		<div class="crm-funnel-label">${escaped(bar.label)}</div>
		<div class="crm-funnel-track"><div class="crm-funnel-bar" style="width: ${width}%">${inside}</div></div>
		<div class="crm-funnel-count">${bar.number}</div>
		<div class="crm-funnel-about crm-note">${escaped(bar.note)}</div>
	</div>`;
}

function part_html(bar, fate) {
	const documents = bar.parts[fate] || 0;
	if (!documents) return "";
	const title = `${bar.label}: ${fate_label(fate)}`;
	const label = escaped(`${title}: ${count(documents)}`);
	const shared = `style="flex: ${Number(documents)}; background: var(--crm-${part_colour(fate)})" title="${label}" aria-label="${label}"`;
	if (bar.lists) return ask_html("", { doctype: "Sales Lead", filters: bar.lists[fate] }, title, `class="crm-funnel-part crm-drill" ${shared}`);
	return `<button type="button" class="crm-funnel-part" ${shared} data-kind="${escaped(fate)}" data-stage="${escaped(bar.stage)}" data-title="${escaped(title)}"></button>`;
}
