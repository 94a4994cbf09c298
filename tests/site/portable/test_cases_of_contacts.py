"""Of which customer a case is whose contact or address is known."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.cases import customer_cases
from tests.site.rows import row


@pytest.fixture
def known(world):
	"""A contact of these, as they stand in the tables: of a customer, of two, of a customer and others, of nobody."""
	tag, found = world.tag, SimpleNamespace()
	for name in ("able", "baker"):
		setattr(found, name, row("Customer", name=f"{name} {tag}", customer_name=name, disabled=0, docstatus=0))
	for key, links in (
		("one", [("Customer", found.able)]), ("two", [("Customer", found.able), ("Customer", found.baker)]),
		("more", [("Supplier", found.baker), ("Customer", found.able)]), ("none", [("Supplier", found.able)]),
	):  # fmt: skip
		contact = row("Contact", name=f"{key} {tag}", first_name=key, docstatus=0)
		of = {"parent": contact, "parenttype": "Contact", "docstatus": 0}
		for doctype, name in links:
			row("Dynamic Link", link_doctype=doctype, link_name=name, parentfield="links", **of)
		address = f"{key}@{tag}.example"
		row("Contact Email", email_id=address, crm_match_email=address.lower(), parentfield="email_ids", **of)
		setattr(found, key, contact)
	# An address is named as the contact is.
	place = {"parent": found.none, "parenttype": "Address", "parentfield": "links", "docstatus": 0}
	row("Dynamic Link", link_doctype="Customer", link_name=found.baker, **place)
	row(
		"Contact Email",
		email_id=f"alien@{tag}.example",
		crm_match_email=f"alien@{tag}.example".lower(),
		parent=found.one,
		parenttype="User",
		parentfield="x",
		docstatus=0,
	)
	return found


def case_of(contact=None, email_id=None, by_mail=False):
	return frappe._dict(contact=contact, email_id=email_id, flags=frappe._dict(ignore_mandatory=by_mail))


@pytest.mark.parametrize("by_mail", [True, False])
@pytest.mark.parametrize(("key", "is_known"), [("one", True), ("two", False), ("more", True), ("none", False)])
def test_a_case_is_of_the_only_customer_of_its_contact(known, key, is_known, by_mail):
	case = case_of(getattr(known, key), by_mail=by_mail)
	assert customer_cases._customer_of_contact(case) == (known.able if is_known else None)
	assert case.contact == getattr(known, key)


def test_a_mail_is_of_who_has_its_address_and_who_types_one_learns_nothing(known, world):
	mail = lambda key, by_mail=True: case_of(email_id=f"{key}@{world.tag}.example", by_mail=by_mail)  # noqa: E731
	for key, customer, contact in (
		("one", known.able, known.one), ("two", None, known.two), ("none", None, known.none), ("nobody", None, None),
		("alien", None, None),
	):  # fmt: skip
		case = mail(key)
		assert (customer_cases._customer_of_contact(case), case.contact) == (customer, contact), key
	typed = mail("one", by_mail=False)
	assert (customer_cases._customer_of_contact(typed), typed.contact) == (None, None)
	named = case_of(known.none, f"one@{world.tag}.example", by_mail=True)
	assert (customer_cases._customer_of_contact(named), named.contact) == (None, known.none), "who is named counts"
	assert customer_cases._customer_of_contact(case_of(by_mail=True)) is None


def test_a_contact_that_the_user_may_not_see_says_nothing_of_its_customer(known, as_user):
	limit = {"doctype": "User Permission", "user": as_user("rep"), "allow": "Contact", "for_value": known.two}
	frappe.get_doc(limit).insert(ignore_permissions=True)
	as_user("rep")
	assert customer_cases._customer_of_contact(case_of(known.one)) is None
	assert customer_cases._customer_of_contact(case_of(known.one, by_mail=True)) == known.able
	as_user("other_rep")
	assert customer_cases._customer_of_contact(case_of(known.one)) == known.able
