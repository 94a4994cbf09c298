/** The tables of the forecast page. */

import { behind_link } from "../shared/drill";
import { date_text, escaped } from "../shared/html";
import { cell_link } from "./headline";
import { basis_text, COLUMNS, OF_DEALS, column_label, method_hint, method_label, percent, reason_text, short_number } from "./words";

const head = (labels) => `<thead><tr>${labels.map((label) => `<th scope="col">${escaped(label)}</th>`).join("")}</tr></thead>`;

/** Periods down, what they are made of across. */
export function period_table(outlook, write) {
	// What was ordered is known of whole deals only, not of some of their items.
	const ordered = outlook.total.ordered === null ? [] : ["ordered"];
	const columns = ["signed", ...ordered, ...COLUMNS.slice(1), "potential", "overdue", "omitted"];
	const rows = outlook.periods.map((period) => {
		const cells = columns.map((name) => {
			const cell = { column: name === "potential" ? "countable" : name, first: period.first, last: period.last };
			return `<td>${cell_link(write(period[name]), period[name], cell)}</td>`;
		});
		const documents = cell_link(period.documents, period.documents, { column: "all", first: period.first, last: period.last });
		return `<tr class="${period.current ? "crm-fc-now" : ""}"><th scope="row">${escaped(period.label)}</th><td>${documents}</td>${cells.join("")}</tr>`;
	});
	const whole = span(outlook);
	const total = columns.map((name) => {
		const cell = { column: name === "potential" ? "countable" : name, ...whole };
		return `<td>${cell_link(write(outlook.total[name]), outlook.total[name], cell)}</td>`;
	});
	const documents = cell_link(outlook.total.documents, outlook.total.documents, { column: "all", ...whole });
	rows.push(`<tr class="crm-total"><th scope="row">${__("Total")}</th><td>${documents}</td>${total.join("")}</tr>`);
	return `<table class="crm-table">${head([__("Period"), __("Documents"), ...columns.map(column_label)])}<tbody>${rows.join("")}</tbody></table>`;
}

/** The days of all periods together. */
function span({ periods }) {
	return { first: periods[0].first, last: periods.at(-1).last };
}

/** Methods down, periods across, and how far off each was. */
export function method_table(outlook, write) {
	const shown = outlook.periods.filter((period) => !period.past);
	const rows = outlook.methods.map((method) => {
		const cells = shown.map((period) => {
			const found = period.methods[method.method];
			if (!found) return `<td class="crm-none" title="${escaped(reason_text(method.reason))}">–</td>`;
			const range = found.low === null ? "" : `<small>${short_number(found.low)} – ${short_number(found.high)}</small>`;
			const cell = { column: method.method, first: period.first, last: period.last };
			const number = OF_DEALS.includes(method.method) ? cell_link(write(found.value), found.value, cell) : write(found.value);
			return `<td>${number}${range}</td>`;
		});
		const name = escaped(method_label(method.method));
		const best = method.best ? ` <span class="indicator-pill green no-indicator-dot">${__("best so far")}</span>` : "";
		return `<tr class="${method.best ? "crm-fc-now" : ""}"><th scope="row" title="${escaped(method_hint(method.method))}">${name}${best}</th>${cells.join("")}${misses(method)}</tr>`;
	});
	const labels = [__("Method"), ...shown.map((period) => period.label), __("Forecast Error"), __("Bias", null, "Forecast")];
	return `<table class="crm-table">${head(labels)}<tbody>${rows.join("")}</tbody></table>`;
}

function misses(method) {
	const next = method.errors.find((error) => error.horizon === 1);
	if (!next || next.wape === null) {
		const why = method.reason ? reason_text(method.reason) : __("not measured yet");
		return `<td class="crm-none" colspan="2">${escaped(why)}</td>`;
	}
	const outlook = method.errors
		.filter((error) => error.wape !== null)
		.map(({ horizon, wape, count }) =>
			horizon === 1
				? __("1 month ahead: {0}, compared: {1}", [percent(wape), count])
				: __("{0} months ahead: {1}, compared: {2}", [horizon, percent(wape), count])
		);
	outlook.push(__("Compared with {0}", [basis_text(method.basis)]));
	const bias = Math.abs(next.bias) < 0.02 ? __("neither way") : next.bias > 0 ? __("too high, {0}", [percent(next.bias)]) : __("too low, {0}", [percent(-next.bias)]);
	return `<td title="${escaped(outlook.join("\n"))}">${percent(next.wape)}</td><td>${escaped(bias)}</td>`;
}

/** The documents that the history adds up, as a link: Sales Orders, or won deals. */
export function history_link(outlook, filters) {
	const { basis, months, first, last } = outlook.history;
	if (!months) return "";
	const text = escaped(__("Documents behind the History"));
	if (basis === "Sales Orders") return behind_link(text, "Sales Order", "get_documents_of_orders", { filters });
	return behind_link(text, "Sales Opportunity", "get_documents_of_forecast", { filters, cell: { column: "signed", first, last } });
}

/** What the measuring rests on. */
export function method_note(outlook) {
	const basis = basis_text(outlook.history.basis);
	const history = __("Time series, regression and “as a year ago” rest on {0} months of {1}.", [outlook.history.months, basis]);
	const measured = outlook.measured_on
		? __("The forecast error was measured on {0} on the past twelve months: the sum of the errors for the month that begins, as a share of what came in, for the whole company and in amounts.", [date_text(outlook.measured_on)])
		: __("How far off each method is has not been measured yet. This is done every week, or now.");
	const best = __("The best is looked for among the methods that were compared with won deals.");
	return [history, measured, ...(outlook.measured_on ? [best] : [])].map(escaped).join(" ");
}

/** The lines beside the periods. */
const LINES = {
	undated: () => __("Without a Date"),
	earlier: () => __("Before These Periods"),
	later: () => __("After These Periods"),
};

/** The values of a dimension down, periods across. `number` is a column or a method of deals. */
export function split_table(rows, outlook, number, dimension, write) {
	const column = number === "potential" ? "countable" : number;
	const beside = Object.keys(LINES).filter((line) => outlook.outside[line].documents);
	const body = rows
		.filter((row) => row.total.documents || beside.some((line) => row.outside[line].documents))
		.map((row) => {
			const cells = outlook.periods.map((period) => {
				const value = row.periods[period.key][number];
				const cell = { column, first: period.first, last: period.last, dimension, key: row.key };
				return `<td>${cell_link(write(value), value, cell)}</td>`;
			});
			const others = beside.map((line) => {
				const value = row.outside[line][number];
				return `<td>${cell_link(write(value), value, { column, outside: line, dimension, key: row.key })}</td>`;
			});
			const label = escaped(row.label || __("Not Set"));
			const total = cell_link(write(row.total[number]), row.total[number], { column, ...span(outlook), dimension, key: row.key });
			return `<tr><th scope="row" style="padding-inline-start:${8 + row.indent * 18}px">${label}</th>${cells.join("")}<td><b>${total}</b></td>${others.join("")}</tr>`;
		});
	if (!body.length) return `<p class="crm-note">${escaped(__("Nothing in these periods."))}</p>`;
	const labels = ["", ...outlook.periods.map((period) => period.label), __("Total"), ...beside.map((line) => LINES[line]())];
	return `<table class="crm-table">${head(labels)}<tbody>${body.join("")}</tbody></table>`;
}
