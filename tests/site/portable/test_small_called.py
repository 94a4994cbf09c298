"""Who is called otherwise from now on: names on documents, names in conditions, names that are to be forgotten."""

import json
from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.chain import clean_html
from crm_pipeline.erp import customers
from crm_pipeline.overrides import customer as on_customer
from crm_pipeline.overrides import personal_data_deletion_request as on_request
from crm_pipeline.overrides import renamed
from tests.site import rows

DEAL, LEAD, PROSPECT, PROMISE = "Sales Opportunity", "Sales Lead", "Sales Prospect", "Promise to Pay"
GONE = "[REDACTED]"


@pytest.mark.parametrize(("name", "shown"), [("Nord & Co", "Nord & Co"), ("Nord <b onclick=x>x</b>", "clean")])
def test_a_name_of_erpnext_s_is_cleaned_before_our_documents_carry_it(world, monkeypatch, name, shown):
	monkeypatch.setattr(clean_html, "cleaned", lambda text: "clean")
	titled = rows.bare_deal(world, "Titled", title="Old", party_name="Old")
	own = rows.bare_deal(world, "Own", title="Pumps", party_name="Old")
	same = rows.bare_deal(world, "Same", title="Old", party_name=shown, modified="2026-01-01 00:00:00")
	other = rows.bare_deal(world, "Other", title="Old", party_name="Old", customer="Another")
	about = {
		"customer": world.customer,
		"customer_name": "Old",
		"sales_invoice": "B-1",
		"docstatus": 0,
		"title": "Old, B-1",
	}
	owed = rows.row(PROMISE, **about)
	on_customer.follow_name("customer", world.customer, name)
	told = [frappe.db.get_value(DEAL, deal, ["title", "party_name"]) for deal in (titled, own, same, other)]
	assert told == [(shown, shown), ("Pumps", shown), ("Old", shown), ("Old", "Old")]
	assert frappe.db.get_value(PROMISE, owed, ["customer_name", "title"]) == (shown, f"{shown}, B-1")
	assert str(frappe.db.get_value(DEAL, same, "modified")).startswith("2026-01-01"), "nobody changed it"


def test_a_prospect_s_name_goes_to_what_has_no_customer_yet(world):
	about = {"prospect": f"P {world.tag}", "party_name": "Old", "title": "Old"}
	none, empty, known = (
		rows.bare_deal(world, key, **about, customer=customer)
		for key, customer in (("N", None), ("E", ""), ("K", world.customer))
	)
	on_customer.follow_name("prospect", f"P {world.tag}", "New")
	assert [frappe.db.get_value(DEAL, deal, "party_name") for deal in (none, empty, known)] == ["New", "New", "Old"]


# ---- conditions


@pytest.mark.parametrize(
	("text", "expected"),
	[
		('[["territory", "=", "Nord"]]', [["territory", "=", "Süd"]]),
		('{"territory": "Nord"}', {"territory": "Süd"}),
		('[["Sales Lead", "territory", "=", "Nord", false, 7]]', [["Sales Lead", "territory", "=", "Süd", False, 7]]),
		('[["territory", "in", "Nord, West"]]', [["territory", "in", "Süd, West"]]),
	],
)
def test_a_condition_with_a_new_name_reads_as_it_is_spelled(site, text, expected):
	found = renamed.with_new_name(text, LEAD, "Territory", "Nord", "Süd")
	assert json.loads(found) == expected and "Süd" in found


@pytest.mark.parametrize(
	("of", "field", "doctype", "links"),
	[
		(LEAD, "territory", "Territory", True), (LEAD, "territory", "Customer", False), (LEAD, "customer", "Customer", True),
		(LEAD, "items", "Sales Deal Item", False), (LEAD, "title", "Territory", False), (LEAD, "name", LEAD, True), (LEAD, "name", "Territory", False),
		(LEAD, "nothing", "Territory", False), ("No Such Type", "territory", "Territory", False), (7, "territory", "Territory", False),
		(LEAD, None, "Territory", False),
	],
)  # fmt: skip
def test_a_condition_names_a_record_by_a_link_alone(site, of, field, doctype, links):
	assert renamed._links(of, field, doctype) is links


# ---- who asks to be forgotten


@pytest.mark.parametrize(
	("values", "kept"),
	[({}, False), ({"prospect": "P"}, True), ({"customer": "C"}, True), ({"prospect": "P", "customer": "C"}, True)],
)
def test_a_person_s_lead_is_called_by_its_party_where_it_has_one(world, values, kept):
	gone = f"gone-{world.tag}@users.example"
	about = {"email_id": gone, "prospect_kind": "Person", "prospect_name": "Ann", "party_name": "Quay", "docstatus": 0}
	lead = rows.row(LEAD, name=f"L {world.tag}", **about, **values)
	others = [
		rows.row(LEAD, name=f"{key} {world.tag}", **{**about, **changed})
		for key, changed in (("Firm", {"prospect_kind": "Organisation"}), ("Else", {"email_id": f"x-{gone}"}))
	]
	for status in ("Pending Verification", "Pending Approval", "On Hold"):
		on_request.on_change(SimpleNamespace(status=status, name=gone))
	names = lambda name: frappe.db.get_value(LEAD, name, ["prospect_name", "party_name"])  # noqa: E731
	assert names(lead) == ("Ann", "Quay")
	on_request.on_change(SimpleNamespace(status="Deleted", name=gone))
	assert names(lead) == (GONE, "Quay" if kept else GONE)
	assert [names(other) for other in others] == [("Ann", "Quay")] * 2


def test_a_person_who_is_a_prospect_is_found_and_named_no_more(world):
	gone = f"gone-{world.tag}@users.example"
	about = {"email_id": gone, "prospect_kind": "Person", "prospect_name": "Ann", "match_name": "ann", "docstatus": 0}
	person, firm = (
		rows.row(PROSPECT, name=f"{key} {world.tag}", **{**about, "prospect_kind": kind})
		for key, kind in (("Ann", "Person"), ("Quay", "Organisation"))
	)
	deals = [
		rows.bare_deal(world, key, prospect=prospect, customer=customer, party_name="Ann", title="Ann")
		for key, prospect, customer in (("D", person, None), ("Sold", person, world.customer), ("F", firm, None))
	]
	on_request.on_change(SimpleNamespace(status="Deleted", name=gone))
	assert frappe.db.get_value(PROSPECT, person, ["prospect_name", "match_name"]) == (GONE, "")
	assert frappe.db.get_value(PROSPECT, firm, ["prospect_name", "match_name"]) == ("Ann", "ann")
	assert [frappe.db.get_value(DEAL, deal, ["party_name", "title"]) for deal in deals] == [
		(GONE, GONE),
		("Ann", "Ann"),
		("Ann", "Ann"),
	]


# ---- whom ERPNext shows of a customer


@pytest.mark.parametrize(
	("marked", "shown", "after"),
	[
		([], None, [1]), ([], 2, [2]), ([0], None, [0]), ([2], None, [2]), ([2], 0, [2]), ([0, 2], 1, [0, 2]), ([], "another's", [1]),
	],
)  # fmt: skip
def test_whoever_is_marked_stays_the_one_that_is_shown_else_the_oldest_becomes_it(world, marked, shown, after):
	names = []
	for number, day in ((0, 2), (1, 1), (2, 3)):
		name = rows.row("Contact", name=f"{number} {world.tag}", first_name=str(number), docstatus=0, creation=f"2026-01-0{day}",
			is_primary_contact=int(number in marked))  # fmt: skip
		rows.row("Dynamic Link", parent=name, parenttype="Contact", parentfield="links", link_doctype="Customer",
			link_name=world.customer, docstatus=0)  # fmt: skip
		names.append(name)
	frappe.db.set_value(
		"Customer", world.customer, "customer_primary_contact", names[shown] if isinstance(shown, int) else shown
	)
	customers._mark_preferred("Contact", "is_primary_contact", world.customer, "customer_primary_contact")
	assert [n for n, name in enumerate(names) if frappe.db.get_value("Contact", name, "is_primary_contact")] == after
