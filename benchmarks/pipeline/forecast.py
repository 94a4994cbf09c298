"""The forecast beside the bare SQL that computes the same counts and sums.

Counted on our side: permissions, the queries with projects and quotations, and the core that puts the sums in
periods; the page's forecast also has its history, methods and measured errors. What is learned from the
ledger for some hours is measured by itself.
"""

from benchmarks.pipeline.measuring import timed

# Deals worth nothing, and those without an exchange rate, are counted beside what is summed up.
COUNTS = """count(*), sum(base_amount = 0), sum(currency <> %(currency)s and coalesce(conversion_rate, 0) <= 0)"""
OPEN = f"""select substring(expected_close, 1, 7), expected_close < %(today)s, forecast_category, stage,
	case when stage_entered_on <= %(d180)s then 3 when stage_entered_on <= %(d90)s then 2
		when stage_entered_on <= %(d30)s then 1 else 0 end as band,
	{COUNTS}, sum(base_amount), sum(base_amount * probability / 100)
	from `tabSales Opportunity` where company = %(company)s and status = 'Open' group by 1, 2, 3, 4, 5"""
WON = f"""select substring(closed_on, 1, 7), {COUNTS}, sum(base_amount), sum(ordered_amount)
	from `tabSales Opportunity` where company = %(company)s and status = 'Won' and closed_on >= %(first)s group by 1"""
BY_PERSON = (
	OPEN.replace("count(*)", "sales_person, count(*)", 1) + ", sales_person",
	WON.replace("count(*)", "sales_person, count(*)", 1) + ", sales_person",
)
# What came in month by month: of orders, and there being none here, of the deals won in five years.
BY_MONTH = (
	"""select substring(transaction_date, 1, 7), sum(base_net_total), count(*) from `tabSales Order`
	where company = %(company)s and docstatus = 1 and transaction_date < %(first)s group by 1""",
	WON.replace("%(first)s", "%(long_ago)s"),
)


def measure() -> dict[str, tuple[float, float | None]]:
	"""{what: (milliseconds, milliseconds of the bare SQL or None)}."""
	import frappe
	from frappe.utils import add_days, add_months, get_first_day, getdate, nowdate

	from benchmarks.pipeline.data import TAG
	from crm_pipeline import api
	from crm_pipeline.analytics import forecast_totals, learned_rates
	from crm_pipeline.analytics.forecast_scope import ForecastScope

	company = frappe.db.get_value("Sales Opportunity", {"name": ("like", f"{TAG}-%")}, "company", order_by="name asc")
	filters = {"company": company}
	today = getdate(nowdate())
	currency = frappe.get_cached_value("Company", company, "default_currency")
	values = {
		"company": company,
		"currency": currency,
		"today": today,
		"first": get_first_day(today),
		"long_ago": add_months(today, -60),
	}
	values |= {f"d{days}": add_days(today, -days) for days in (30, 90, 180)}
	bare = lambda *queries: timed(lambda: [frappe.db.sql(query, values, as_dict=True) for query in queries])  # noqa: E731
	return {
		"Forecast of six months": (
			timed(lambda: forecast_totals.forecast_of(ForecastScope.of(filters))),
			bare(OPEN, WON),
		),
		"Forecast by sales person": (
			timed(lambda: forecast_totals.forecast_by("sales_person", ForecastScope.of(filters))),
			bare(*BY_PERSON),
		),
		"The page: forecast, history, methods": (
			timed(lambda: api.get_forecast(filters)),
			bare(OPEN, WON, *BY_MONTH),
		),
		"Win rates learned from the ledger": (
			timed(lambda: learned_rates.visits_until(company, today)),
			None,
		),
	}
