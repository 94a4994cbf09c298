"""A quotation is submitted by somebody who still sees an estimate that has just been cancelled."""

import frappe
import pytest

from crm_pipeline import api
from tests.site.bench.racers import racer
from tests.site.bench.test_concurrency import committed  # noqa: F401
from tests.site.portable.test_cost_gate import gate


@pytest.fixture
def approved(committed):  # noqa: F811
	"""A committed deal with an approved estimate and a draft quotation, the gate on."""
	deal = committed.opportunity()
	estimate = frappe.get_doc("Cost Estimate", api.make_cost_estimate(deal.doctype, deal.name)["name"])
	for row in estimate.items:
		row.cost_source, row.cost_rate = "By Hand", 10
	estimate.save()
	estimate.submit()
	quotation = api.make_quotation(deal.doctype, deal.name)["name"]
	gate()
	frappe.db.commit()
	yield estimate, quotation
	frappe.db.rollback()
	gate("Off")
	frappe.db.commit()


def late(site, quotation, estimate, meanwhile, snapshot_isolation) -> dict:
	"""Look at the estimate in another process, do something `meanwhile`, then submit the quotation there."""
	job = {"site": site, "user": "Administrator", "snapshot_isolation": snapshot_isolation}
	job |= {"call": "tests.site.bench.racer.submit", "args": ["Quotation", quotation]}
	one = racer({**job, "look_at": ["Cost Estimate", estimate.name]})
	meanwhile()
	frappe.db.commit()
	one.go()
	answer = one.answer()
	frappe.db.rollback()
	return answer


@pytest.mark.parametrize("snapshot_isolation", [False, True])
def test_what_was_cancelled_a_moment_ago_approves_nothing(site, approved, snapshot_isolation):
	if snapshot_isolation and not frappe.db.sql("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'"):
		pytest.skip("this MariaDB has no innodb_snapshot_isolation")
	estimate, quotation = approved
	answer = late(site, quotation, estimate, estimate.cancel, snapshot_isolation)
	assert answer.get("error") in ("CostGateError", "LostRaceError"), answer
	assert frappe.db.get_value("Quotation", quotation, "docstatus") == 0


def test_left_alone_it_approves(site, approved):
	estimate, quotation = approved
	answer = late(site, quotation, estimate, lambda: None, False)
	assert "error" not in answer, answer
