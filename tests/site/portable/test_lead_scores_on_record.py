"""Scores of leads: what a save, an activity, a mail and a night do to them, whom they call, and what they say."""

import frappe
from frappe.utils import add_to_date, now_datetime

from crm_pipeline.scoring import lead_scores, score_rules, scored_facts
from tests.site.portable.test_lead_scores import rule
from tests.site.rows import row


def test_pages_count_once_it_is_known_who_saw_them(sale, as_user, monkeypatch):
	rule(3, kind="Page Views", page="pricing", days=30)
	as_user("rep")
	lead = sale.lead()
	assert lead.score == 0
	frappe.set_user("Administrator")
	for path in ("/pricing", "/pricing/pumps", "/about"):
		frappe.get_doc({"doctype": "Web Page View", "path": path, "visitor_id": "v-1"}).insert()
	rows = [frappe._dict(row, visitor_id="v-1") for row in scored_facts.rows_of([lead.name], [])]
	rules = score_rules.rules()
	facts = scored_facts.gather(rows, rules, now_datetime())[lead.name]
	assert lead_scores.scoring.score(rules, facts, now_datetime()).points == 6


def test_what_was_done_with_a_lead_counts_once_it_is_done_and_since_a_day(sale):
	lead, other = sale.lead(), sale.lead(title="Other")
	now = now_datetime().replace(microsecond=0)
	since = add_to_date(now, days=-30)
	about = {"reference_doctype": "Sales Lead", "reference_name": lead.name, "status": "Done", "docstatus": 0}

	def made(**values):
		row("Sales Activity", **{**about, "subject": "Call", "way": "Phone", "starts_on": now, **values})

	made(result="Reached", direction="Inbound")
	made(starts_on=since, direction=None), made(starts_on=add_to_date(since, seconds=-1), way="Visit")
	made(starts_on=None), made(status="Planned"), made(status="Cancelled")
	made(reference_doctype="Sales Opportunity"), made(reference_name=other.name, way="E-Mail")
	rows = [{"name": lead.name}]

	def told(since):
		return sorted((name, one.at, one.way, one.result) for name, one in scored_facts._activities(rows, since))

	recent = [(lead.name, since, "Phone", ""), (lead.name, now, "Phone", "Reached")]
	assert told(since) == recent
	assert told(None) == [(lead.name, add_to_date(since, seconds=-1), "Visit", ""), *recent]
