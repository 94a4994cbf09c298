/** What will come in and how sure that is: the Desk page "Sales Forecast". */

import { filter_bar } from "../shared/filter_bar";
import { fold_filters } from "../shared/fold_filters";
import { escaped } from "../shared/html";
import { empty, section } from "../shared/kit";
import { name_page } from "../shared/page_name";
import { call, read } from "../shared/server";
import { movement_chart, period_chart } from "./charts";
import { DIMENSIONS, open_documents } from "./documents";
import { headline, notices } from "./headline";
import { history_link, method_note, method_table, period_table, split_table } from "./tables";
import { column_label, method_label, number_writer } from "./words";

const SPLIT_NUMBERS = ["weighted", "historical", "category", "signed", "commit", "best_case", "pipeline", "potential", "overdue"];

const FIELDS = () => [
	"company",
	"scope",
	"by",
	{ fieldname: "start", fieldtype: "Date", label: __("From") },
	"measure",
	"pipeline",
	"territory",
	"sales_person",
	"sales_owner",
	"item_group",
	"item_code",
];

export class SalesForecast {
	constructor(wrapper) {
		this.page = frappe.ui.make_app_page({ parent: wrapper, title: __("Sales Forecast"), single_column: true });
		this.split = { dimension: "Team", number: "weighted" };
		this.asked = 0;
		this.bar = filter_bar(this.page, FIELDS(), () => this.refresh());
		fold_filters(this.page);
		this.body = $(`<div class="crm-fc crm-page crm-look"></div>`).appendTo(this.page.main)[0];
		this.page.set_secondary_action(__("Refresh"), () => this.refresh());
		this.page.add_menu_item(__("Report: Sales Forecast"), () => frappe.set_route("query-report", "Sales Forecast"));
		this.page.add_menu_item(__("Report: Forecast Movement"), () => frappe.set_route("query-report", "Forecast Movement"));
		$(this.body).on("click", "a.crm-fc-cell", (event) => {
			event.preventDefault();
			open_documents(this.bar.values(), JSON.parse(event.currentTarget.dataset.cell), () => this.refresh());
		});
		$(this.body).on("click", "[data-act=measure]", () => this.measure());
		this.started = this.bar.ready.then(() => this.refresh());
	}

	/** The page is in front again: numbers may have changed meanwhile. */
	async shown() {
		name_page(this.page, __("Sales Forecast"));
		await this.started;
		if (this.seen) this.refresh();
		this.seen = true;
	}

	async refresh() {
		const turn = ++this.asked;
		const outlook = await read("get_forecast", { filters: this.bar.values() });
		if (turn !== this.asked || !outlook) return;
		this.outlook = outlook;
		this.write = number_writer(outlook);
		this.draw();
		await Promise.all([this.draw_split(), this.draw_movement()]);
	}

	draw() {
		const { outlook, write } = this;
		if (!outlook.total.documents && !outlook.outside.undated.documents && !outlook.outside.later.documents && !outlook.history.months) {
			this.body.innerHTML = nothing();
			return;
		}
		const noticed = notices(outlook, write);
		const titles = {
			periods: __("By Period"),
			methods: __("Methods and Forecast Error"),
			split: __("Split"),
			movement: __("Forecast Movement"),
		};
		this.body.innerHTML = `
			<p class="crm-note crm-scope">${escaped(outlook.scope_text)}</p>
			<div class="crm-fc-cards">${headline(outlook, write)}</div>
			${noticed}
			${section(titles.periods, `<div data-part="chart"></div><div class="crm-scroll">${period_table(outlook, write)}</div>`)}
			${section(
				titles.methods,
				`<div class="crm-scroll">${method_table(outlook, write)}</div><p class="crm-note">${method_note(outlook)} ${history_link(outlook, this.bar.values())} ${this.measure_button()}</p>`
			)}
			${section(titles.split, `<div class="crm-fc-choices" data-part="choices"></div><div class="crm-scroll" data-part="split"></div>`)}
			${section(titles.movement, `<div class="crm-fc-choices" data-part="months"></div><div data-part="movement"></div>`)}`;
		period_chart(this.part("chart"), outlook, write, (cell) => open_documents(this.bar.values(), cell, () => this.refresh()));
		this.draw_choices();
	}

	measure_button() {
		const may = frappe.model.can_write("Sales Pipeline");
		return may ? `<button class="btn btn-xs btn-default" data-act="measure">${__("Measure Now")}</button>` : "";
	}

	async measure() {
		await call("take_forecast_snapshot", { company: this.outlook.company });
	}

	draw_choices() {
		const dimensions = Object.keys(DIMENSIONS).map((name) => [name, __(name)]);
		const numbers = SPLIT_NUMBERS.map((name) => [name, column_label(name) || method_label(name)]);
		choice(this.part("choices"), __("Split By"), dimensions, this.split.dimension, (value) => this.choose_split("dimension", value));
		choice(this.part("choices"), __("Measure"), numbers, this.split.number, (value) => this.choose_split("number", value));
		const months = this.outlook.periods.map((period) => [period.first, period.label]);
		const now = this.outlook.periods.find((period) => period.current) || this.outlook.periods[0];
		this.month = now.first;
		choice(this.part("months"), __("Period"), months, this.month, (value) => {
			this.month = value;
			this.draw_movement();
		});
	}

	choose_split(what, value) {
		this.split[what] = value;
		this.draw_split();
	}

	async draw_split() {
		if (!this.part("split")) return;
		const dimension = DIMENSIONS[this.split.dimension];
		const rows = await read("get_forecast_split", { dimension, filters: this.bar.values() });
		if (!this.part("split")) return;
		this.part("split").innerHTML = split_table(rows || [], this.outlook, this.split.number, dimension, this.write);
	}

	async draw_movement() {
		if (!this.part("movement")) return;
		const filters = { ...this.bar.values(), first: this.month };
		const moved = await read("get_forecast_movement", { filters });
		if (!this.part("movement")) return;
		if (moved.rows.length > 1) movement_chart(this.part("movement"), moved, this.write);
		else this.part("movement").innerHTML = `<p class="crm-note">${escaped(movement_hint(moved))}</p>`;
	}

	part(name) {
		return this.body.querySelector(`[data-part="${name}"]`);
	}
}

function choice(element, label, options, value, changed) {
	const list = options.map(([key, label]) => `<option value="${escaped(key)}" ${key === value ? "selected" : ""}>${escaped(label)}</option>`);
	$(`<select class="form-control input-xs" aria-label="${escaped(label)}">${list.join("")}</select>`)
		.appendTo(element)
		.on("change", (event) => changed(event.target.value));
}

function movement_hint(moved) {
	if (moved.silent) return __("Snapshots are not kept for this choice of filters.");
	if (moved.rows.length === 1) return __("There is one snapshot of this period. From the second one on, a line shows how the forecast moved.");
	return __("There is no snapshot of this period yet. The forecast is frozen every week; “Measure Now” freezes this week's.");
}

function nothing() {
	const text = __("Open deals with an amount and an expected close date show here, and what was won.");
	return empty(__("There is nothing to forecast yet"), text, { label: __("New Sales Opportunity"), route: "/app/sales-opportunity/new" });
}
