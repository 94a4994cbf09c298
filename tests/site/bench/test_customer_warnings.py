# ruff: noqa: F811
"""What to know of a customer before calling, as a rep, finance, and a user of another company know it."""

import frappe

from tests.site.portable.test_customer_warnings import found, kinds, overdue  # noqa: F401


def test_what_is_paid_or_taken_back_is_not_overdue(sale, overdue, as_user):
	as_user("Administrator")
	sale.pay(overdue, 300)
	assert "180.00" in found(sale)[0].text
	sale.credit(overdue, update_outstanding_for_self=1)
	assert kinds(sale) == []


def test_erpnext_s_own_issues_are_told_to_who_may_read_them(sale, as_user):
	frappe.get_doc({"doctype": "Issue", "subject": "No water", "customer": sale.world.customer}).insert()
	as_user("rep")
	assert kinds(sale) == []
	as_user("Administrator")
	(issue,) = found(sale)
	assert (issue.kind, issue.doctype) == ("complaint", "Issue") and "No water" in issue.text
