/** The funnel's numbers as tables; every count opens its documents. */

import { escaped } from "../shared/html";
import { section, table } from "../shared/kit";
import { cell, count, days, fate_label, FATES, money, percent } from "./words";

export function stage_table(data) {
	const head = [
		__("Stage"), __("Entered"), ...FATES.map(fate_label), __("Conversion"), __("Attrition"), __("Win Rate of Entered"),
		__("Median Days"), __("90th Percentile Days"), __("Amount Entered"), __("Entered Before"),
	];
	const rows = data.stages.map((row) => [
		escaped(row.label),
		cell(row.entered, "entered", row.stage, `${row.label}: ${__("Entered")}`),
		...FATES.map((fate) => cell(row[fate], fate, row.stage, `${row.label}: ${fate_label(fate)}`)),
		...[row.conversion, row.attrition, row.win_rate].map((rate) => escaped(percent(rate))),
		...[row.median_days, row.p90_days].map((value) => escaped(days(value))),
		cell(row.amount, "entered", row.stage, `${row.label}: ${__("Amount Entered")}`, { text: money(row.amount, data) }),
		cell(row.entered_before, "entered", row.stage, `${row.label}: ${__("Entered Before")}`, { before: true }),
	]);
	const adds_up = __("Entered = Advanced + Lost + Moved Back + Still Here. Each deal counts once per stage, where it stands today.");
	return section(__("What Became of the Deals"), table(head, rows), adds_up);
}

export function standing_table(data) {
	const head = [__("Stage"), __("Deals"), __("Customers"), __("Amount"), __("Weighted Amount")];
	const line = (label, stage, numbers) => [
		escaped(label),
		cell(numbers.documents, "standing", stage, `${label}: ${__("Today")}`),
		escaped(count(numbers.customers)),
		cell(numbers.amount, "standing", stage, `${label}: ${__("Amount")}`, { text: money(numbers.amount, data) }),
		cell(numbers.weighted, "standing", stage, `${label}: ${__("Weighted Amount")}`, { text: money(numbers.weighted, data), weighted: true }),
	];
	const none = { documents: 0, customers: 0, amount: 0, weighted: 0 };
	const rows = data.stages.map((row) => line(row.label, row.stage, data.standing[row.stage] || none));
	rows.push(line(__("All Stages"), null, data.standing[""] || none));
	const note = __("Open deals of any age. A customer with deals in two stages counts once in the last row.");
	return section(__("Where Deals Stand Today"), table(head, rows, { total: true }), note);
}
