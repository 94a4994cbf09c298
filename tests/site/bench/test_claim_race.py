"""Fifty people claim one lead in the same moment, each on a connection of their own: one gets it, the others are told."""

import threading

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.pool import pooling
from tests.site.bench.test_concurrency import committed  # noqa: F401
from tests.site.conftest import USERS

RACERS = 50


@pytest.fixture
def pooled_leads(committed):  # noqa: F811
	"""Three leads of a rule, in the pool."""
	frappe.set_user("Administrator")
	rule = frappe.get_doc(
		{"doctype": "Pool Rule", "title": f"Race {frappe.generate_hash(length=5)}", "untouched_days": 30, "warn_days": 0, "claims_per_day": 1, "cool_down_days": 0}
	).insert()  # fmt: skip
	leads = [committed.lead(sales_owner=USERS["rep"][0], items=[]).name for _n in range(3)]
	for lead in leads:
		pooling.put_into("Sales Lead", lead, rule.name, "Fell")
	frappe.db.commit()
	yield leads
	frappe.set_user("Administrator")
	frappe.db.rollback()
	for lead in leads:
		frappe.db.set_value("Sales Lead", lead, {"pool_rule": None, "pool_since": None})
	frappe.db.delete("Pool Movement", {"reference_name": ("in", leads)})
	frappe.delete_doc("Pool Rule", rule.name)
	frappe.db.commit()


def race(site: str, calls: list[tuple[str, str]]) -> list[str]:
	"""Every (user, lead) claims at once; answers "" or what each was told."""
	found, begin = [], threading.Barrier(len(calls))
	path = frappe.local.sites_path

	def run(user: str, lead: str) -> None:
		frappe.init(site=site, sites_path=path)
		frappe.connect()
		try:
			frappe.set_user(user)
			begin.wait(60)
			api.claim_from_pool("Sales Lead", lead)
			frappe.db.commit()
			found.append("")
		except Exception as error:
			frappe.db.rollback()
			found.append(f"{type(error).__name__}: {error}")
		finally:
			frappe.destroy()

	threads = [threading.Thread(target=run, args=call) for call in calls]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join(120)
	frappe.db.rollback()
	return found


def test_fifty_claim_one_lead(site, pooled_leads):
	users = [USERS[who][0] for who in ("rep", "other_rep", "manager", "desk")]
	answers = race(site, [(users[n % 4], pooled_leads[0]) for n in range(RACERS)])
	assert len(answers) == RACERS and answers.count("") == 1, answers
	assert all("not in the public pool any more" in answer for answer in answers if answer), answers
	claims = frappe.get_all("Pool Movement", filters={"reference_name": pooled_leads[0], "movement": "Claimed"}, fields=["to_user"], order_by="at asc")  # fmt: skip
	assert len(claims) == 1
	assert frappe.db.get_value("Sales Lead", pooled_leads[0], "sales_owner") == claims[0].to_user


def test_one_person_claims_three_at_once_and_gets_as_many_as_allowed(site, pooled_leads):
	answers = race(site, [(USERS["other_rep"][0], lead) for lead in pooled_leads])
	assert answers.count("") == 1 and sum("claimed 1 today" in answer for answer in answers) == 2, answers
