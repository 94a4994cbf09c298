"""Every report: each column is filled by its rows, each row says its currency, and what is not asked for is refused."""

import frappe
import pytest
from frappe.utils import add_days, add_months, nowdate

from crm_pipeline.deals import moving
from tests.site.world import refused

MODULE = "crm_pipeline.crm_pipeline.report.{0}.{0}"
# Report: its filters beside the company, and the columns that a small site leaves empty.
REPORTS = {
	"sales_forecast": ({}, ()),
	"sales_funnel": ({}, ("conversion_before",)),
	"stage_dwell": ({}, ()),
	"stalled_deals": ({}, ("sales_person",)),
	"win_and_loss": ({"group_by": "Sales Owner"}, ("before_win_rate", "change")),
	"open_pipeline_by_stage": ({}, ()),
}


@pytest.fixture
def sold(sale, as_user):
	"""A deal that is open and stalled, one that was won and one that was lost."""
	still, won, lost = (sale.opportunity(title=title) for title in ("Still", "Won", "Lost"))
	frappe.db.set_value("Sales Pipeline", won.pipeline, "allow_win_by_hand", 1)
	moving.win(won.doctype, won.name)
	moving.lose(lost.doctype, lost.name, "Price")
	frappe.db.set_value(
		still.doctype, still.name, {"is_stalled": 1, "stalled_score": 60, "stalled_reasons": '{"pushed": {"times": 3}}'}
	)
	return still


def run(report: str, company: str, **filters):
	period = {"from_date": add_months(nowdate(), -1), "to_date": nowdate()}
	return frappe.get_attr(f"{MODULE.format(report)}.execute")(
		frappe._dict(company=company, **period, **REPORTS[report][0], **filters)
	)


@pytest.mark.parametrize("report", REPORTS)
def test_each_column_of_a_report_is_filled_by_its_rows(sold, report):
	columns, data, *_rest = run(report, sold.company)
	assert data, "three deals are something to report"
	names = [column["fieldname"] for column in columns]
	assert len(names) == len(set(names)) and all(
		column["fieldtype"] and column["label"] and column["width"] > 0
		for column in columns
		if not column.get("hidden")
	)
	empty = {name for name in names if all(row.get(name) is None for row in data)}
	assert empty <= set(REPORTS[report][1])
	for column in columns:
		if column["fieldtype"] in ("Link", "Dynamic Link"):
			assert column["options"]
		if column["fieldtype"] == "Currency":
			assert {row.get(column["options"]) for row in data} == {
				frappe.get_cached_value("Company", sold.company, "default_currency")
			}


@pytest.mark.parametrize(
	"report", [name for name in REPORTS if name not in ("sales_forecast", "stalled_deals", "open_pipeline_by_stage")]
)
def test_a_period_that_ends_before_it_begins_is_refused_and_one_of_a_day_is_not(sold, report):
	execute = frappe.get_attr(f"{MODULE.format(report)}.execute")
	filters = {"company": sold.company, **REPORTS[report][0], "from_date": nowdate()}
	execute(frappe._dict({**filters, "to_date": nowdate()}))
	with refused():
		execute(frappe._dict({**filters, "to_date": add_days(nowdate(), -1)}))
