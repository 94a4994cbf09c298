"""The number cards of the workspace count what they say, by the filters that Desk sends for them."""

import json
from types import SimpleNamespace

import frappe
from frappe.desk.doctype.number_card.number_card import get_result
from frappe.utils import add_days, nowdate

from crm_pipeline.analytics import workspace_numbers
from crm_pipeline.leads import nurturing
from tests.site import rows


def shown(card: str, company: str) -> float:
	"""What a card shows to a user of a company; its dynamic filters are expressions of Desk's own functions."""
	doc = frappe.get_doc("Number Card", card)
	desk = SimpleNamespace(
		defaults=SimpleNamespace(get_user_default=lambda key: company),
		datetime=SimpleNamespace(get_today=nowdate, add_days=add_days),
	)
	filters = json.loads(doc.filters_json)
	for doctype, field, operator, expression in json.loads(doc.dynamic_filters_json):
		filters.append([doctype, field, operator, eval(expression, {"frappe": desk})])
	return get_result(doc.as_dict(), json.dumps(filters, default=str))


def test_a_deal_without_a_close_date_is_not_past_it(sale, world):
	card = "Opportunities Past Their Close Date"
	before = shown(card, world.company)
	sale.opportunity(expected_close=None)
	sale.opportunity(expected_close=nowdate())
	assert shown(card, world.company) == before
	late = sale.opportunity()
	late.db_set("expected_close", add_days(nowdate(), -1))
	assert shown(card, world.company) == before + 1


def test_a_lead_that_is_put_off_is_none_to_answer_on_card_and_workspace(sale, world):
	def counts() -> tuple[float, int]:
		numbers = workspace_numbers.numbers_of("manager", world.company)["numbers"]
		return shown("Leads to Answer", world.company), next(n["count"] for n in numbers if n["key"] == "leads")

	before = counts()
	assert before[0] == before[1]
	lead = sale.lead()
	assert counts() == (before[0] + 1, before[1] + 1)
	nurturing.nurture(lead.name, add_days(nowdate(), 20))
	assert counts() == before


def test_questions_of_another_company_are_none_of_card_and_workspace(sale, world):
	def counts() -> tuple[float, int]:
		numbers = workspace_numbers.numbers_of("manager", world.company)["numbers"]
		return shown("Help Wanted", world.company), next(n["count"] for n in numbers if n["key"] == "help")

	before = counts()
	assert before[0] == before[1]
	for company, more in ((world.company, 1), ("Elsewhere", 1)):
		rows.row("Sales Help Request", status="Open", company=company, asked_by="Administrator", docstatus=0)
		assert counts() == (before[0] + more, before[1] + more), company
