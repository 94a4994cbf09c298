"""One timeline of everything that happened to a document, for who may read it."""

import frappe
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from tests.site import rows
from tests.site.world import refused


def activity(about, subject, **values):
	base = {"doctype": "Sales Activity", "subject": subject, "status": "Done", "starts_on": now_datetime()}
	return frappe.get_doc({**base, "reference_doctype": about.doctype, "reference_name": about.name, **values}).insert()


def entries(doc) -> list[tuple]:
	return [(e["kind"], e["row"]) for e in api.get_timeline(doc.doctype, doc.name)["entries"]]


def test_all_that_happened_stands_in_one_line_of_time(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	activity(deal, "First call", starts_on=add_to_date(now_datetime(), days=-3))
	activity(deal, "Visit", status="Planned", starts_on=add_to_date(now_datetime(), days=3))
	frappe.get_doc(
		{
			"doctype": "Sales Memo",
			"memo": "They decide in May",
			"reference_doctype": deal.doctype,
			"reference_name": deal.name,
		}
	).insert()
	deal.reload()
	deal.amount, deal.items = 5, []
	deal.save()
	found = entries(deal)
	kinds = [kind for kind, _row in found]
	assert {"Activity", "Memo", "Move"} <= set(kinds)
	subjects = [row["subject"] for kind, row in found if kind == "Activity"]
	assert subjects == ["Visit", "First call"] and kinds[0] == kinds[-1] == "Activity"
	assert "Amount" in [row["kind"] for kind, row in found if kind == "Move"]
	people = api.get_timeline(deal.doctype, deal.name)["people"]
	assert people[frappe.session.user] == frappe.db.get_value("User", frappe.session.user, "full_name")


def test_what_is_about_a_document_of_another_type_with_the_same_name_is_not_in_it(sale, as_user):
	as_user("rep")
	lead = sale.lead(customer=sale.world.customer, prospect_name=None)
	deal = sale.opportunity(source_type=lead.doctype, source_name=lead.name)
	as_user("Administrator")
	for subject, doctype, name in (("Ours", deal.doctype, deal.name), ("Before", lead.doctype, lead.name)):
		rows.row("Sales Activity", subject=subject, docstatus=0, starts_on=now_datetime(), status="Done",
			reference_doctype=doctype, reference_name=name)  # fmt: skip
	# A lead and an opportunity may be called the same: whoever names them chooses.
	rows.row("Sales Activity", subject="Another", docstatus=0, starts_on=now_datetime(), status="Done",
		reference_doctype=lead.doctype, reference_name=deal.name)  # fmt: skip
	rows.row("Comment", content="Another", docstatus=0, comment_type="Comment",
		reference_doctype=lead.doctype, reference_name=deal.name)  # fmt: skip
	found = entries(deal)
	assert {row["subject"] for kind, row in found if kind == "Activity"} == {"Ours", "Before"}
	assert [row for kind, row in found if kind == "Comment"] == []


def test_a_timeline_is_told_to_nobody_who_may_not_read_its_document(sale, as_user):
	as_user("rep")
	deal = sale.opportunity()
	as_user("stranger")
	with refused(frappe.PermissionError):
		api.get_timeline(deal.doctype, deal.name)
	as_user("rep")
	with refused(frappe.ValidationError, "is not one of"):
		api.get_timeline("User", "Administrator")
