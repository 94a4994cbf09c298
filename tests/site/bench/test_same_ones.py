"""Records that may be one: shown while typing, suspected by night, compared and merged; and what data lacks."""

import frappe
import pytest
from frappe.utils import add_days, getdate, nowdate

from crm_pipeline import api
from crm_pipeline.duplicates import data_quality, while_typing
from crm_pipeline.erp import contacts
from tests.site.bench.racers import race
from tests.site.conftest import USERS
from tests.site.portable.test_same_ones import look, pairs_of, person, prospect
from tests.site.world import customer, refused


def master(as_user):
	"""Who may merge customers: ERPNext gives the right to delete one to this role."""
	frappe.get_doc("User", USERS["manager"][0]).add_roles("Sales Master Manager")
	return as_user("manager")


def asked_for(values):
	"""What the database is asked while these are typed."""
	asked = []
	run = frappe.db.sql

	def counted(query, values=(), *args, **kwargs):
		asked.append((str(query), values))
		return run(query, values, *args, **kwargs)

	frappe.db.sql = counted
	try:
		while_typing.similar("Sales Lead", values)
	finally:
		frappe.db.sql = run
	return asked


def test_typing_asks_one_question_and_one_more_for_each_type_that_has_one(world, as_user):
	made = customer(f"Counted {world.tag}", tax_id=f"T{world.tag}")
	person(made, "Ines", email=f"ines@{world.tag}.example", phone="+49 30 4417093")
	as_user("rep")
	new = {"name": "Quite New", "email": f"no@{world.tag}.example", "phone": "+49 30 5550001", "tax_id": "DE 1234"}
	there = {"name": f"Counted {world.tag}", "email": f"ines@{world.tag}.example", "phone": "+49 30 4417093"}
	assert {row["doctype"] for row in api.find_similar("Sales Lead", there)["found"]} == {"Customer", "Contact"}
	assert len(asked_for({"name": "Quite New"})) == len(asked := asked_for(new)) == 1, asked
	# The framework asks for the rights to what a Contact is linked to.
	assert len([query for query, _values in asked_for(there) if "tabCustomer`" in query]) <= 3
	query, values = asked[0]
	plan = frappe.db.sql(f"explain {query}", values, as_dict=True)
	by_key = [row for row in plan if row.table and not row.table.startswith(("<", "part"))]
	assert len(by_key) >= 10 and all(row.key for row in by_key), [(row.table, row.key) for row in plan]


# ---- merging


@pytest.fixture
def two(world):
	"""Customers with everything on them."""
	gone = customer(f"Acme Nord {world.tag}", tax_id=f"DE{world.tag}", website="https://nord.example", industry=None)
	kept = customer(f"Acme {world.tag}", website="https://acme.example")
	return gone, kept


def test_both_sides_are_shown_and_what_would_move(world, two, sale, as_user):
	gone, kept = two
	person(gone, "Ines")
	sale.opportunity(customer=gone)
	master(as_user)
	shown = api.get_comparison("Customer", gone, kept)
	fields = {row["fieldname"]: row for row in shown["fields"]}
	assert (fields["website"]["gone"], fields["website"]["kept"], fields["website"]["stays"]) == (
		"https://nord.example", "https://acme.example", "kept",
	)  # fmt: skip
	assert fields["website"]["differs"] and not fields["tax_id"]["differs"] and fields["tax_id"]["stays"] == "gone"
	assert (shown["moves"]["Sales Opportunity"], shown["moves"]["Contact"], shown["obstacles"]) == (1, 1, [])
	as_user("rep")
	shown = api.get_comparison("Customer", gone, kept)
	# Who may not merge them is not told what would move.
	assert shown["obstacles"] and shown["moves"] == {}
	assert frappe.db.exists("Customer", gone)


def test_a_merge_keeps_documents_files_comments_tags_assignments_and_history(world, two, sale, as_user):
	gone, kept = two
	ines = person(gone, "Ines")
	deal = sale.opportunity(customer=gone)
	order = sale.direct_order(customer=gone) if hasattr(sale, "direct_order") else None
	file = frappe.get_doc({"doctype": "File", "file_name": f"{world.tag}.txt", "content": world.tag, "attached_to_doctype": "Customer", "attached_to_name": gone}).insert()  # fmt: skip
	doc = frappe.get_doc("Customer", gone)
	comment = doc.add_comment("Comment", "Pays late")
	doc.add_tag("Angry")
	frappe.get_doc("Customer", kept).add_tag("Good")
	frappe.get_doc({"doctype": "ToDo", "description": "Call", "reference_type": "Customer", "reference_name": gone, "allocated_to": USERS["rep"][0]}).insert()  # fmt: skip
	master(as_user)
	assert api.merge_records("Customer", gone, kept, {"website": "gone"})["name"] == kept
	assert not frappe.db.exists("Customer", gone)
	doc = frappe.get_doc("Customer", kept)
	assert (doc.website, doc.tax_id) == ("https://nord.example", f"DE{world.tag}")
	assert frappe.db.get_value("Sales Opportunity", deal.name, "customer") == kept
	assert order is None or frappe.db.get_value("Sales Order", order.name, "customer") == kept
	assert frappe.db.get_value("File", file.name, "attached_to_name") == kept
	assert frappe.db.get_value("Comment", comment.name, "reference_name") == kept
	assert frappe.db.get_value("ToDo", {"reference_type": "Customer", "reference_name": kept}, "allocated_to")
	assert contacts.linked_to("Contact", "Customer", kept) == [ines]
	assert doc.get_tags() == ["Angry", "Good"] or sorted(doc.get_tags()) == ["Angry", "Good"]
	noted = frappe.get_all(
		"Comment", {"reference_name": kept, "comment_type": "Info"}, pluck="content", order_by="name"
	)
	assert any(gone in text and "https://acme.example" in text for text in noted)
	assert frappe.db.exists("Deleted Document", {"deleted_doctype": "Customer", "deleted_name": gone})


def test_a_merge_asks_for_the_rights_of_the_native_one(world, two, as_user):
	gone, kept = two
	as_user("rep")
	assert any("no right to delete" in text for text in api.get_comparison("Customer", gone, kept)["obstacles"])
	with refused(frappe.PermissionError):
		api.merge_records("Customer", gone, kept)
	as_user("finance")
	with refused(frappe.PermissionError):
		api.merge_records("Customer", gone, kept)
	as_user("store")
	with refused(frappe.PermissionError):
		api.get_comparison("Sales Prospect", "One", "Other")
	assert frappe.db.exists("Customer", gone)


def test_customers_of_two_currencies_or_accounts_are_not_merged(world, two, as_user):
	gone, kept = two
	receivable = frappe.get_all(
		"Account",
		{"company": world.company, "account_type": "Receivable", "is_group": 0},
		pluck="name",
		order_by="name",
	)[0]
	for name, currency in ((gone, "EUR"), (kept, "USD")):
		frappe.get_doc({"doctype": "GL Entry", "company": world.company, "party_type": "Customer", "party": name, "account": receivable, "account_currency": currency, "posting_date": nowdate()}).db_insert()  # fmt: skip
	# A row of a document that they may not open, either.
	frappe.get_doc({"doctype": "Dynamic Link", "parenttype": "Bank Account", "parent": "Theirs", "parentfield": "links", "link_doctype": "Customer", "link_name": gone}).db_insert()  # fmt: skip
	frappe.local.dynamic_link_map = None
	master(as_user)
	shown = api.get_comparison("Customer", gone, kept)
	[said] = shown["obstacles"]
	# They read no ledger, and none is counted for them.
	assert not any(frappe.has_permission(hidden, "read") for hidden in ("GL Entry", "Bank Account"))
	assert not {"GL Entry", "Bank Account", "Dynamic Link"} & shown["moves"].keys()
	assert "EUR" in said and "USD" in said and world.company in said
	with refused(match="ERPNext keeps one currency"):
		api.merge_records("Customer", gone, kept)
	with refused(match="the same record"):
		api.merge_records("Customer", kept, kept)
	as_user("other_rep")
	shown = api.get_comparison("Customer", gone, kept)
	# Who may not merge them hears what right is missing, and nothing of ledgers.
	assert shown["obstacles"] and all("You have no right to" in text for text in shown["obstacles"])
	assert shown["moves"] == {}


def test_merged_contacts_have_all_addresses_and_numbers_once(world, as_user):
	one = person(world.customer, "Ines", "Marlow", email="ines@a.example", phone="+49 30 4417093")
	other_customer = customer(f"Other {world.tag}")
	two = person(other_customer, "Ines", "M.", email="INES@a.example", mobile="+49 171 5551234")
	master(as_user)
	api.merge_records("Contact", two, one)
	doc = frappe.get_doc("Contact", one)
	assert [row.email_id.lower() for row in doc.email_ids] == ["ines@a.example"]
	assert [row.phone for row in doc.phone_nos] == ["+49 30 4417093", "+49 171 5551234"]
	assert {link.link_name for link in doc.links} == {world.customer, other_customer}
	assert [row.is_primary_mobile_no for row in doc.phone_nos].count(1) == 1


def test_of_those_who_merge_the_same_at_once_one_wins(world):
	gone, kept = customer(f"Gone {world.tag}"), customer(f"Kept {world.tag}")
	frappe.db.commit()
	try:
		job = {"site": frappe.local.site, "user": "Administrator", "call": "crm_pipeline.api.merge_records", "snapshot_isolation": False}  # fmt: skip
		sides = [[gone, kept], [gone, kept], [kept, gone]]
		answers = race([{**job, "look_at": ["Customer", gone], "args": ["Customer", *pair]} for pair in sides])
		assert sorted("error" in answer for answer in answers) == [False, True, True], answers
		assert [frappe.db.exists("Customer", name) for name in (gone, kept)].count(None) == 1
		said = [answer["message"] for answer in answers if "error" in answer]
		assert all("not found" in text or "does not exist" in text for text in said), said
	finally:
		frappe.db.rollback()
		for name in (gone, kept):
			frappe.delete_doc("Customer", name, force=True, ignore_missing=True)
			frappe.db.delete("Deleted Document", {"deleted_name": name})
		frappe.db.commit()


def test_the_night_suspects_pairs_once_and_an_answer_is_remembered(world, as_user):
	one, other = customer(f"Zephyr Works {world.tag}"), customer(f"Zephir Works {world.tag} Ltd")
	look()
	look()
	[(both, decision, pair)] = pairs_of(one)
	assert (both, decision or None) == ({one, other}, None)
	as_user("rep")
	api.mark_not_duplicate(pair)
	as_user("Administrator")
	renamed = frappe.rename_doc("Customer", other, f"Zephir International {world.tag}")
	frappe.db.set_value("Customer", renamed, "customer_name", f"Zephir Works {world.tag} Ltd")
	look()
	[(both, decision, _pair)] = pairs_of(one)
	assert (both, decision) == ({one, renamed}, "Two")
	api.unmark_not_duplicate(pair)
	assert not pairs_of(one)[0][1]


def test_a_pair_that_is_mended_or_merged_is_none(world, as_user):
	one, other = customer(f"Zephyr Works {world.tag}"), customer(f"Zephir Works {world.tag}")
	third = customer(f"Zephyr Work {world.tag}")
	look()
	assert len(pairs_of(one)) == 2
	frappe.rename_doc("Customer", other, one, merge=True)
	assert [both for both, *_rest in pairs_of(one)] == [{one, third}]
	doc = frappe.get_doc("Customer", third)
	doc.customer_name = f"Something Else {world.tag}"
	doc.save()
	look()
	assert pairs_of(one) == []


# ---- data quality


def test_the_list_says_what_is_wrong_and_whose_it_is(world, as_user):
	manager = USERS["manager"][0]
	bare = customer(f"Bare {world.tag}", account_manager=manager)
	good = customer(f"Good {world.tag}", tax_id="1", industry=frappe.db.get_value("Industry Type", {}, "name"))
	person(good, "Ines", email=f"ines@{world.tag}.example")
	bad = prospect(world, f"Bad {world.tag}", phone="12", sales_owner=USERS["rep"][0])
	frappe.get_doc({"doctype": "Communication", "communication_type": "Communication", "sent_or_received": "Sent", "subject": "Hi", "recipients": f"Ines <ines@{world.tag}.example>", "delivery_status": "Bounced"}).insert(ignore_permissions=True)  # fmt: skip
	as_user("rep")

	def faults(**asked):
		found = data_quality.faults(data_quality.Asked(**asked), getdate(nowdate()))
		return {(row["name"], row["kind"]) for row in found if world.tag in row["title"]}

	found = faults()
	assert {(bare, "No Contact"), (bare, "No E-mail or Phone"), (bare, "Incomplete")} <= found
	assert (good, "Bounced") in found and (bad.name, "Invalid Phone") in found
	assert {name for name, _kind in faults(sales_owner=manager)} == {bare}
	assert {kind for _name, kind in faults(group="Unreachable")} == {"Bounced", "Invalid Phone"}
	assert not faults(doctype="Sales Lead")
	late = data_quality.faults(data_quality.Asked(), getdate(add_days(nowdate(), 200)))
	assert (good, "Outdated") in {(row["name"], row["kind"]) for row in late}


def test_who_followed_shared_or_was_limited_to_both_is_so_once(world, as_user):
	as_user("Administrator")
	rep, other = USERS["rep"][0], USERS["other_rep"][0]
	gone, kept = customer(f"Gone {world.tag}"), customer(f"Kept {world.tag}")
	for name in (gone, kept):
		frappe.get_doc(
			{"doctype": "Document Follow", "ref_doctype": "Customer", "ref_docname": name, "user": rep}
		).insert()
		frappe.share.add("Customer", name, rep, write=int(name == kept))
		frappe.get_doc({"doctype": "User Permission", "user": other, "allow": "Customer", "for_value": name}).insert()
	api.merge_records("Customer", gone, kept)
	assert frappe.db.count("Document Follow", {"ref_docname": kept}) == 1
	assert frappe.get_all("DocShare", {"share_name": kept}, ["user", "write"]) == [{"user": rep, "write": 1}]
	[limit] = frappe.get_all("User Permission", {"for_value": kept}, pluck="name")
	frappe.get_doc("User Permission", limit).save()
	frappe.share.remove("Customer", kept, rep)
	assert not frappe.db.exists("DocShare", {"share_name": kept})
