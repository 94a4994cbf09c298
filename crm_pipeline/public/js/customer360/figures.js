/** Figures that take the whole history: they come after the rest of the page. */

import { ages_by_currency, by_currency, months } from "../core/customer360";
import { page_of } from "../shared/customer_page";
import { date_text, escaped } from "../shared/html";
import { colour, section, table, tiles } from "../shared/kit";
import { money, percent, quantity } from "../shared/numbers";
import { amounts, counted, day, link } from "./words";

export function figures_html(figures) {
	const { credit, turnover, items, group } = figures;
	const period = __("{0} to {1}", [day(figures.from_date), day(figures.to_date)]);
	const titles = { credit: __("Credit"), turnover: __("Revenue and Gross Profit"), items: __("Products Bought"), group: __("Group") };
	return [
		credit?.length ? section(titles.credit, credit_html(credit)) : "",
		turnover ? section(titles.turnover, turnover_html(figures), period) : "",
		items ? section(titles.items, items_html(items), items_note(items, period)) : "",
		group ? section(titles.group, group_html(group)) : "",
	].join("");
}

function credit_html(credit) {
	const heads = [__("Company"), __("Credit Limit"), __("Used"), __("Free"), __("Used in Percent")];
	return table(
		heads,
		credit.map(({ company, currency, limit, used, free }) => [
			escaped(company),
			escaped(money(limit, currency)),
			escaped(money(used, currency)),
			`<span class="${free < 0 ? "crm-late" : ""}">${escaped(money(free, currency))}</span>`,
			escaped(percent(used / limit)),
		])
	);
}

function turnover_html({ turnover, margin }) {
	if (!turnover.length) return `<p class="crm-none">${escaped(__("Nothing was billed in this period."))}</p>`;
	const currencies = [...new Set(turnover.map((row) => row.currency))];
	return currencies
		.map((currency, place) => {
			const own = (rows) => (rows || []).filter((row) => row.currency === currency);
			const sum = (rows, field) => own(rows).reduce((all, row) => all + row[field], 0);
			const revenue = sum(turnover, "revenue");
			const profit = margin && sum(margin, "profit");
			const numbers = [{ name: __("Revenue"), html: escaped(money(revenue, currency)) }];
			if (margin) {
				const billed = sum(margin, "amount");
				numbers.push({
					name: __("Gross Profit"),
					html: escaped(money(profit, currency)),
					note: billed ? escaped(__("{0} of what was billed", [percent(profit / billed)])) : "",
				});
			}
			return `${tiles(numbers)}<div class="crm-360-chart" data-chart="${place}"></div>`;
		})
		.join("");
}

/** Revenue and gross profit by month, once the page stands. */
export function draw_charts(area, { turnover, margin, from_date, to_date }) {
	const currencies = [...new Set((turnover || []).map((row) => row.currency))];
	for (const [place, currency] of currencies.entries()) {
		const element = area.querySelector(`[data-chart="${place}"]`);
		const own = (rows) => (rows || []).filter((row) => row.currency === currency);
		const first = own(turnover)[0].month;
		const labels = months(String(from_date).slice(0, 7) < "1990" ? first : String(from_date).slice(0, 7), String(to_date).slice(0, 7));
		const values = (rows, field) => labels.map((month) => own(rows).filter((row) => row.month === month).reduce((sum, row) => sum + row[field], 0));
		const datasets = [{ name: __("Revenue"), chartType: "bar", values: values(turnover, "revenue") }];
		if (margin) datasets.push({ name: __("Gross Profit"), chartType: "line", values: values(margin, "profit") });
		new frappe.Chart(element, {
			data: { labels: labels.map((month) => month_label(month)), datasets },
			type: "axis-mixed",
			height: 200,
			colors: [colour("commit"), colour("weighted")],
			axisOptions: { xIsSeries: 1, shortenYAxisNumbers: 1 },
			tooltipOptions: { formatTooltipY: (value) => money(value, currency) },
			animate: false,
		});
	}
}

function month_label(month) {
	return moment(`${month}-01`).format("MMM YY");
}

function items_html({ rows }) {
	if (!rows.length) return `<p class="crm-none">${escaped(__("Nothing was bought in this period."))}</p>`;
	const heads = [__("Product"), __("Quantity"), __("Amount"), __("Last")];
	return table(
		heads,
		rows.map((row) => [
			item_html(row),
			escaped(`${quantity(row.qty)} ${row.uom || ""}`),
			escaped(money(row.amount, row.currency)),
			escaped(date_text(row.last)),
		])
	);
}

function item_html({ item_code, item_name }) {
	if (!item_code) return escaped(item_name);
	return link("Item", item_code, item_name === item_code ? item_code : `${item_name} (${item_code})`);
}

function items_note({ basis }, period) {
	return `${period} · ${basis === "Sales Order" ? __("by Sales Orders") : __("by Sales Invoices")}`;
}

function group_html({ customers, open, unbilled, receivables, turnover }) {
	const names = customers.map(({ name, title }) => `<a href="${escaped(page_of("Customer", name))}">${escaped(title)}</a>`).join(", ");
	const all = open
		.filter((part) => part.totals.length)
		.map((part) => {
			const sums = by_currency(part.totals, ["amount"]);
			const number = sums.reduce((sum, { documents }) => sum + documents, 0);
			return { name: part.label, html: amounts(sums, "amount"), note: escaped(counted(__("Open"), number)) };
		});
	const add = (name, sums, field) => sums.length && all.push({ name, html: amounts(sums, field) });
	add(__("Delivered, Not Billed"), by_currency(unbilled, ["amount"]), "amount");
	add(__("Due"), ages_by_currency(receivables), "past_due");
	add(__("Revenue"), by_currency(turnover, ["revenue"]), "revenue");
	return `<p>${escaped(__("With these customers:"))} ${names}</p>${all.length ? tiles(all) : ""}`;
}
