"""Discussions of staff: who reads them, how the list shows how far a thread has got, who hears of it, what is found."""

import frappe
import pytest

from crm_pipeline.discussions import threads
from tests.site.conftest import USERS
from tests.site.world import customer, refused

DOCTYPE = threads.DISCUSSION
REP, OTHER, MANAGER, DESK = (USERS[who][0] for who in ("rep", "other_rep", "manager", "desk"))


def start(title="How they pay", **values):
	return frappe.get_doc(
		{"doctype": DOCTYPE, "title": title, "text": "<p>Late, and in <b>full</b>.</p>", **values}
	).insert()


def test_what_was_sent_for_a_count_is_not_believed(sale):
	doc = start(answers=9, last_answer_by=MANAGER)
	doc.reload()
	assert (doc.answers, doc.last_answer_by) == (0, None)


def test_a_user_without_a_role_of_the_app_reads_none(sale, as_user):
	doc = start()
	for who in ("stranger", "store"):
		as_user(who)
		assert not frappe.has_permission(DOCTYPE, doc=doc.name)
	for who in ("rep", "manager", "desk", "finance"):
		as_user(who)
		assert frappe.has_permission(DOCTYPE, doc=doc.name) and frappe.has_permission(DOCTYPE, "create")


def test_a_manager_says_what_stays_on_top(sale, as_user):
	as_user("rep")
	doc = start()
	doc.title = "How they really pay"
	doc.save()
	with refused(frappe.PermissionError, match="Sales Manager"):
		start(pinned=1)
	doc.pinned = 1
	with refused(frappe.PermissionError, match="Sales Manager"):
		doc.save()
	as_user("manager")
	doc.reload()
	doc.pinned = 1
	doc.save()
	as_user("rep")
	doc.reload()
	doc.title = "Paid in the end"
	doc.save()
	assert (doc.pinned, doc.title) == (1, "Paid in the end")


# ---- about whom


def test_a_discussion_of_a_prospect_is_the_customer_s_once_it_is_one(sale, world):
	prospect = frappe.get_doc({"doctype": "Sales Prospect", "prospect_name": f"P {world.tag}", "company": world.company}).insert()  # fmt: skip
	before = start(prospect=prospect.name)
	prospect.db_set({"customer": world.customer, "status": "Verified"})
	assert start(prospect=prospect.name).customer == world.customer
	from crm_pipeline.parties import verification

	verification.point_followers(prospect.name, world.customer)
	assert frappe.db.get_value(DOCTYPE, before.name, "customer") == world.customer
	with refused(match="not"):
		start(prospect=prospect.name, customer=customer(f"Quay {world.tag}"))


@pytest.mark.parametrize("text", ["", "<p><br></p>", "  "])
def test_a_discussion_says_something(sale, text):
	with refused(frappe.MandatoryError):
		start(text=text)
