"""Scores of leads: what a save, an activity, a mail and a night do to them, whom they call, and what they say."""

import frappe
from frappe.utils import now_datetime

from crm_pipeline.scoring import lead_scores, score_rules, scored_facts
from tests.site.portable.test_lead_scores import rule


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
