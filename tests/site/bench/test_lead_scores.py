"""Scores of leads: what a save, an activity, a mail and a night do to them, whom they call, and what they say."""

import frappe

from crm_pipeline.chain import pending
from crm_pipeline.scoring import lead_scores
from tests.site.portable.test_lead_scores import LEAD, activity, noted, of_channel, reasons, rule, stored


def test_nobody_is_told_that_somebody_changed_the_lead(sale, as_user):
	of_channel(30)
	as_user("rep")
	lead = sale.lead()
	lead.channel = "Referral"
	lead.save(ignore_version=False)
	versions = frappe.get_all("Version", filters={"docname": lead.name}, pluck="data", order_by="creation asc")
	assert versions and not any('"score' in data for data in versions)
	modified = stored(lead, "modified")
	frappe.set_user("Administrator")
	of_channel(5, "Referral\nHotline")
	assert lead_scores.refresh([lead.name]) == 1 and stored(lead, "modified") == modified


def test_activities_and_mails_count_after_the_commit(sale, as_user):
	rule(5, kind="Activities", days=30, result="Reached", most=2)
	rule(8, kind="E-mails", days=10, direction="Inbound")
	as_user("rep")
	lead, other = sale.lead(), sale.lead(title="Other")
	done = [activity(lead, result="Reached") for _n in range(3)]
	activity(lead, result="Not Reached")
	frappe.get_doc(
		{
			"doctype": "Communication", "communication_type": "Communication", "communication_medium": "Email", "subject": "Re",
			"content": "Yes", "sent_or_received": "Received", "reference_doctype": LEAD, "reference_name": lead.name,
		}
	).insert(ignore_permissions=True)  # fmt: skip
	assert noted(pending.SCORE) == [{"lead": lead.name}] and stored(lead, "score") == 0
	pending.do(LEAD, lead.name)
	assert stored(lead, "score") == 18 and noted(pending.SCORE) == []
	assert sorted(reasons(lead)) == [
		(8, "1 e-mail (Inbound) within 10 days"),
		(10, "2 activities (Reached) within 30 days"),
	]
	# One that is about another lead now, and one that is gone, count no more.
	pending._forget()
	for call in done[:2]:
		call.reload().update({"reference_name": other.name}).save()
	assert {row["lead"] for row in noted(pending.SCORE)} == {lead.name, other.name}
	for name in (lead.name, other.name):
		pending.do(LEAD, name)
	assert (stored(lead, "score"), stored(other, "score")) == (13, 10)
	pending._forget()
	frappe.set_user("Administrator")
	frappe.delete_doc("Sales Activity", done[1].name)
	pending.do(LEAD, other.name)
	assert stored(other, "score") == 5


def test_size_and_industry_of_the_prospect_count(sale, as_user):
	rule(20, kind="Field", fieldname="prospect.no_of_employees", operator="at least", value="50")
	rule(7, kind="Field", fieldname="industry", operator="is", value="Electronics")
	if not frappe.db.exists("Industry Type", "Electronics"):
		frappe.get_doc({"doctype": "Industry Type", "industry": "Electronics"}).insert()
	as_user("rep")
	lead = sale.lead()
	frappe.db.set_value("Sales Prospect", lead.prospect, {"no_of_employees": 80, "industry": "Electronics"})
	lead.save()
	assert stored(lead, "score") == 27
