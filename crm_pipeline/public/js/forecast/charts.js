/** The charts of the forecast page. */

import { colour } from "../shared/kit";
import { data_set } from "../shared/report_figures";
import { COLOURS, COLUMNS, column_label, short_number } from "./words";

/** Stacked bars: what every period is made of; `open(cell)` shows the documents of a part of a bar. */
export function period_chart(element, outlook, write, open) {
	draw(element, {
		type: "bar",
		barOptions: { stacked: 1, spaceRatio: 0.6 },
		colors: COLUMNS.map((name) => colour(COLOURS[name])),
		data: {
			labels: outlook.periods.map((period) => period.label),
			datasets: COLUMNS.map((name) => ({ name: column_label(name), values: outlook.periods.map((period) => period[name]) })),
		},
		tooltipOptions: { formatTooltipY: write },
	});
	element.classList.add("crm-chart");
	element.onclick = ({ target }) => {
		const bar = target.closest(".dataset-units [data-point-index]");
		const period = bar && outlook.periods[bar.dataset.pointIndex];
		if (period) open({ column: COLUMNS[data_set(bar)], first: period.first, last: period.last });
	};
}

/** Lines: what the snapshots said about one period, week by week. */
export function movement_chart(element, moved, write) {
	const lines = [
		["signed", __("Signed"), colour("signed")],
		["category", __("Committed", null, "Forecast"), colour("commit")],
		["weighted", __("Weighted"), colour("weighted")],
		["historical", __("By Win Rate"), colour("historical")],
	];
	draw(element, {
		type: "line",
		lineOptions: { regionFill: 0, hideDots: moved.rows.length > 30 ? 1 : 0 },
		colors: lines.map(([, , shown]) => shown),
		data: {
			labels: moved.rows.map((row) => row.week),
			datasets: lines.map(([name, label]) => ({ name: label, values: moved.rows.map((row) => row[name]) })),
		},
		tooltipOptions: { formatTooltipY: write },
	});
}

function draw(element, options) {
	element.innerHTML = "";
	new frappe.Chart(element, {
		height: 240,
		axisOptions: { xAxisMode: "tick", shortenYAxisNumbers: 1, numberFormatter: short_number },
		animate: 0,
		truncateLegends: 0,
		...options,
	});
}
