"""The work log: what was done with whom, as plain SQL says it, and as each reader may see it."""

import frappe
import pytest
from frappe.utils import add_days, flt, nowdate

from crm_pipeline.crm_customers.report.work_log import work_log as report
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

ACTIVITY = "Sales Activity"
REP, OTHER, MANAGER = (f"{name}@crm-test.example" for name in ("rep", "rep2", "manager"))


def activity(**values):
	return frappe.get_doc({"doctype": ACTIVITY, "subject": "Call", "way": "Phone", "status": "Done", **values}).insert()


def mail(about, sent: bool, by: str):
	frappe.set_user(by)
	return frappe.get_doc(
		{
			"doctype": "Communication", "communication_type": "Communication", "communication_medium": "Email",
			"subject": "Offer", "content": "Here it is", "sender": by, "sent_or_received": "Sent" if sent else "Received",
			"reference_doctype": about.doctype, "reference_name": about.name,
		}
	).insert(ignore_permissions=True)  # fmt: skip


def lines(**filters) -> list[dict]:
	return report.execute({"company": filters.pop("company", None), **filters})[1]


@pytest.fixture
def worked(sale, as_user):
	"""A day of the rep: two calls and a visit with the manager, and mails about a deal."""
	as_user("rep")
	about = {"reference_doctype": "Customer", "reference_name": sale.world.customer}
	activity(duration=1800, evaluation=0.5, **about)
	activity(duration=900, **about)
	activity(**about)
	activity(way="Visit", duration=7200, evaluation=1, people=[{"colleague": MANAGER}], **about)
	activity(status="Planned", duration=3600, **about)
	activity(starts_on=add_days(nowdate(), -90), duration=3600, **about)
	deal = sale.opportunity()
	mail(deal, True, REP)
	mail(deal, True, REP)
	mail(deal, False, "Administrator")
	as_user("rep")
	return deal


def test_it_says_what_each_did_with_each_customer_in_each_way(worked, sale, as_user):
	found = {(row["person"], row["way"]): row for row in lines(customer=sale.world.customer)}
	assert set(found) == {(REP, "Phone"), (REP, "Visit"), (MANAGER, "Visit"), (REP, "E-mail")}
	calls = found[REP, "Phone"]
	assert (calls["activities"], calls["hours"], calls["evaluation"]) == (3, 0.75, 50)
	assert [found[who, "Visit"]["hours"] for who in (REP, MANAGER)] == [2, 2]
	assert [found[REP, "E-mail"][name] for name in ("sent", "received", "activities")] == [2, 1, 0]
	assert {row["customer"] for row in found.values()} == {sale.world.customer}
	assert "without a length" in report.execute({"customer": sale.world.customer})[2]


def test_it_ties_to_plain_sql(worked, as_user):
	as_user("Administrator")
	first, last = nowdate()[:8] + "01", add_days(nowdate(), 1)
	company = frappe.db.get_value("Company", {}, "name", order_by="creation asc")
	found = lines(company=company, from_date=first, to_date=nowdate())
	[(count, seconds)] = frappe.db.sql(
		"""select count(*), sum(duration) from `tabSales Activity` where status = 'Done' and starts_on >= %s
		and starts_on < %s and ifnull(company, '') in ('', %s)""",
		(first, last, company),
	)
	[(more, longer)] = frappe.db.sql(
		"""select count(*), sum(a.duration) from `tabSales Activity` a join `tabSales Activity Person` p on p.parent = a.name
		where a.status = 'Done' and a.starts_on >= %s and a.starts_on < %s and ifnull(a.company, '') in ('', %s)
		and p.colleague is not null and p.colleague != ifnull(a.sales_owner, '')""",
		(first, last, company),
	)
	assert sum(row["activities"] for row in found) == count + more
	assert flt(sum(row["hours"] for row in found), 4) == flt((flt(seconds) + flt(longer)) / 3600, 4)
	assert (
		sum(row["value"] for row in report.execute({"company": company})[4] if row["label"] == "Activities")
		== count + more
	)


def test_each_reads_their_own_part(worked, sale, as_user):
	set_apart()
	as_user("other_rep")
	assert [row for row in lines(customer=sale.world.customer)] == []
	# Who took part reads what they took part in.
	as_user("manager")
	assert {(row["person"], row["way"]) for row in lines(customer=sale.world.customer)} == {
		(REP, "Visit"),
		(MANAGER, "Visit"),
	}
	as_user("rep")
	assert len(lines(customer=sale.world.customer)) == 4
	as_user("stranger")
	with refused(frappe.PermissionError):
		lines()


@pytest.mark.parametrize(
	("filters", "ways"),
	[
		({"way": "Visit"}, {"Visit"}),
		({"way": "E-mail"}, {"E-mail"}),
		({"sales_owner": MANAGER}, {"Visit"}),
		({"from_date": -100, "to_date": -80}, {"Phone"}),
		({"from_date": -70, "to_date": -60}, set()),
	],
)
def test_filters_narrow_it(worked, sale, filters, ways):
	asked = {name: add_days(nowdate(), value) if isinstance(value, int) else value for name, value in filters.items()}
	assert {row["way"] for row in lines(customer=sale.world.customer, **asked)} == ways


def test_days_the_wrong_way_round_are_refused_in_words(as_user):
	as_user("rep")
	with refused():
		lines(from_date=nowdate(), to_date=add_days(nowdate(), -1))
	with refused(match="not a date"):
		lines(from_date="soon")
