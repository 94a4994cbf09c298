# ruff: noqa: F811
"""What nobody works on goes to the public pool after a warning, and comes out of it to one person at a time."""

import frappe
import pytest
from frappe.utils import add_to_date

from crm_pipeline import api, user_day
from crm_pipeline.core import activity
from tests.site.portable.test_public_pool import OTHER, REP, PoolError, aged, judge, lead, owner, pooled, rule  # noqa: F401
from tests.site.world import refused, weeks_begin_on


def test_the_day_of_claims_is_the_claimers_own_wherever_the_site_is(lead, as_user):
	"""In Tokyo it is the next day while New York still works on this one."""
	made = rule(claims_per_day=1)
	docs = [lead() for _n in range(3)]
	judge(*docs)
	frappe.db.set_single_value("System Settings", "time_zone", "America/New_York")
	frappe.db.set_value("User", OTHER, "time_zone", "Asia/Tokyo")
	frappe.clear_document_cache("User", OTHER)
	begins, _ends = activity.bounds(user_day.today_of(OTHER), user_day.site_zone(), user_day.zone_of(OTHER))
	as_user("other_rep")
	api.claim_from_pool("Sales Lead", docs[0].name)
	claim = frappe.db.get_value("Pool Movement", {"reference_name": docs[0].name, "movement": "Claimed"})
	for minutes, is_today in ((1, True), (-1, False)):
		frappe.db.set_value("Pool Movement", claim, "at", add_to_date(begins, minutes=minutes), update_modified=False)
		if is_today:
			with refused(PoolError, match="claimed 1 today"):
				api.claim_from_pool("Sales Lead", docs[1].name)
		else:
			api.claim_from_pool("Sales Lead", docs[1].name)
	assert made and owner(docs[1]) == OTHER and owner(docs[2]) is None


def test_what_went_in_and_out_is_told_by_week_rule_and_person(lead, world, as_user, monkeypatch):
	from crm_pipeline.crm_prospecting.report.public_pool_movement import public_pool_movement

	made = rule(warn_days=0)
	first, second = lead(), lead(company=world.company)
	judge(first, second)
	stamps = {"Fell": "2031-03-03 03:00:00", "Claimed": "2031-03-07 15:00:00"}
	as_user("other_rep")
	api.claim_from_pool("Sales Lead", first.name)
	as_user("manager")
	for row in frappe.get_all("Pool Movement", filters={"pool_rule": made.name}, fields=["name", "movement"], order_by="at asc"):  # fmt: skip
		frappe.db.set_value("Pool Movement", row.name, "at", stamps[row.movement], update_modified=False)
	period = {"company": world.company, "from_date": "2031-03-01", "to_date": "2031-03-31"}

	def report(group_by: str) -> dict[str, dict]:
		return {row["label"]: row for row in public_pool_movement.execute({**period, "group_by": group_by})[1]}

	weeks_begin_on(monkeypatch, "Monday")
	week = report("Week")["Week of 03-03-2031"]
	assert (week["Fell"], week["Claimed"], week["more"], week["days"]) == (2, 1, 1, 4.5)
	assert report("Rule")[made.name]["Fell"] == report("Document Type")["Sales Lead"]["Fell"] == 2
	people = report("Person")
	assert people[frappe.utils.get_fullname(REP)]["Fell"] == 2
	assert people[frappe.utils.get_fullname(OTHER)]["Claimed"] == 1
	for group_by in ("Week", "Rule", "Person", "Document Type"):
		for row in report(group_by).values():
			for kind, route in row["routes"].items():
				asked = [list(one) for one in route]
				found = frappe.get_list("Pool Movement", filters=asked, order_by="at asc", limit=0)
				assert len(found) == row[kind], (group_by, row["label"], kind)
	with refused(match="is not one of"):
		report("Mood")


@pytest.mark.parametrize("step", ["save", "qualify", "convert", "disqualify"])
def test_who_has_not_claimed_a_lead_does_not_work_on_it(lead, as_user, step):
	rule()
	doc = lead(email_id="a@mill.example")
	judge(doc)
	as_user("other_rep")
	steps = {
		"save": lambda: frappe.get_doc("Sales Lead", doc.name).update({"title": "Mine"}).save(),
		"qualify": lambda: api.qualify_lead(doc.name),
		"convert": lambda: api.convert_lead(doc.name, assessment="Hot"),
		"disqualify": lambda: api.disqualify_lead(doc.name, "No Budget"),
	}
	with refused(match="Claim it there"):
		steps[step]()
	assert pooled(doc) == [True]
	api.claim_from_pool("Sales Lead", doc.name)
	steps[step]()


def test_a_lead_of_ones_own_is_converted_though_its_prospect_is_in_the_pool(lead, sale, as_user):
	rule("Sales Prospect", untouched_days=30)
	as_user("other_rep")
	mine = sale.lead(prospect_name=f"Late {frappe.generate_hash(length=6)}", items=[])
	prospect = frappe.get_doc("Sales Prospect", mine.prospect)
	aged(mine)
	judge(aged(prospect))
	assert pooled(prospect) == [True]
	with refused(match="Claim it there"):
		frappe.get_doc("Sales Prospect", prospect.name).update({"city": "Elsewhere"}).save()
	api.convert_lead(mine.name, assessment="Hot")
	assert frappe.db.get_value("Sales Lead", mine.name, "status") == "Converted"
