/**
 * The numbers above a report and the bars of its chart, as ways to their documents.
 *
 * A number of the summary, and each value of a data set of the chart, may have an `ask`: {doctype, filters} of a list (with
 * `weighted` for amounts times probability), or {doctype, method, args} of a function of api/ that takes the filters of the
 * report, with `filters_beside` in place of the same ones.
 */

import { ask_html, open_ask } from "./drill";

const NUMBERS = ["Int", "Float", "Currency", "Percent", "Duration"];

/** For `after_datatable_render` of a report. */
export function link_figures() {
	const report = frappe.query_report;
	align_texts(report.datatable);
	round_summary(report);
	link_summary(report);
	watch_chart(report);
}

/** A column whose first cell is empty is one of numbers to the table, and stands on the right. */
export function align_texts(table) {
	for (const column of table?.getColumns() || []) {
		if (column.align !== "right" || !column.fieldtype || NUMBERS.includes(column.fieldtype)) continue;
		column.align = "left";
		table.style.setStyle(`.dt-cell--col-${column.colIndex}`, { "text-align": "left" });
	}
}

/** Shares and days above a report have one decimal, as in its columns; amounts and whole numbers are the site's. */
function round_summary(report) {
	const numbers = report.$summary.find(".summary-value");
	(report.raw_data?.report_summary || []).forEach(({ value, datatype }, place) => {
		if (!["Percent", "Float"].includes(datatype) || !numbers[place]) return;
		numbers[place].innerHTML = frappe.format(value, { fieldtype: datatype, precision: 1 }, { only_value: true, inline: true });
	});
}

function link_summary(report) {
	const numbers = report.$summary.find(".summary-value");
	(report.raw_data?.report_summary || []).forEach(({ ask, value, label }, place) => {
		const number = numbers[place];
		if (!ask || !value || !number || number.querySelector("a")) return;
		number.innerHTML = ask_html(number.innerHTML, of_report(ask, report), label);
	});
}

/** The page of reports shows one report after the other in the same place: it is watched once. */
function watch_chart(report) {
	const options = report.raw_data?.chart;
	report.$chart.toggleClass("crm-chart", Boolean(options?.data.datasets.some(({ asks }) => asks)));
	report.$chart.off("click.crm").on("click.crm", ".dataset-units [data-point-index]", ({ currentTarget }) => {
		// A chart that somebody drew for themselves has other bars.
		if (report.chart_options !== options) return;
		const { asks, values, name } = options.data.datasets[data_set(currentTarget)] || {};
		const place = currentTarget.dataset.pointIndex;
		if (asks?.[place] && values[place]) open_ask(of_report(asks[place], report), `${options.data.labels[place]}: ${name}`);
	});
}

/** The number of the data set that a bar or a point stands in. */
export function data_set(element) {
	return Number(/\bdataset-(\d+)/.exec(element.closest(".dataset-units").getAttribute("class"))[1]);
}

function of_report(ask, report) {
	if (!ask.method) return ask;
	const filters = { ...report.get_filter_values(), ...ask.filters_beside };
	return { ...ask, args: { ...ask.args, filters } };
}
