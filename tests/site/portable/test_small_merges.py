"""Two records that become one: fields, rows, tags and what stands beside them; posts and relations of who became one."""

import frappe
import pytest
from frappe.utils import getdate, nowdate

from crm_pipeline import api
from crm_pipeline.duplicates import beside_records, data_quality, merge_tool, pair_records
from crm_pipeline.relations import posts, relation_record
from tests.site.conftest import USERS
from tests.site.portable.test_relations import relate, three  # noqa: F401
from tests.site.portable.test_same_ones import prospect
from tests.site.portable.test_visibility import set_apart
from tests.site.world import refused

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]
LEAD, POST, PAIR = "Sales Lead", "Contact Position", "Duplicate Pair"


def test_merged_prospects_and_leads_keep_what_both_know(world, sale, as_user):
	as_user("manager")
	one, other = prospect(world, f"Wharf {world.tag}", phone="+49 30 77777"), prospect(world, f"Wharf Cafe {world.tag}", email_id="a@wharf.example")  # fmt: skip
	api.merge_records("Sales Prospect", other.name, one.name, {"prospect_name": "gone"})
	one.reload()
	assert (one.prospect_name, one.phone, one.email_id) == (
		f"Wharf Cafe {world.tag}",
		"+49 30 77777",
		"a@wharf.example",
	)
	lead, second = (
		frappe.get_doc(
			{"doctype": "Sales Lead", "title": title, "prospect": one.name, "company": world.company}
		).insert()
		for title in ("Pumps", "Pumps again")
	)
	memo = frappe.get_doc({"doctype": "Sales Memo", "memo": "Called", "reference_doctype": "Sales Lead", "reference_name": second.name}).insert()  # fmt: skip
	api.merge_records("Sales Lead", second.name, lead.name, {"title": "kept"})
	assert frappe.db.get_value("Sales Memo", memo.name, "reference_name") == lead.name
	assert not frappe.db.exists("Sales Lead", second.name)


def test_a_user_sees_faults_of_what_they_may_read_only(world, as_user):
	as_user("other_rep")
	prospect(world, f"Theirs {world.tag}", sales_owner=USERS["other_rep"][0])
	set_apart()
	as_user("rep")
	found = data_quality.faults(data_quality.Asked(doctype="Sales Prospect"), getdate(nowdate()))
	assert not [row for row in found if world.tag in row["title"]]


# ---- what stays of two


@pytest.fixture
def leads(sale, as_user, monkeypatch):
	"""(The one that goes, the one that stays)."""
	monkeypatch.setattr(frappe, "format", lambda value, df, **how: str(value))
	# What points at a record is asked of the framework's own tables.
	monkeypatch.setattr(merge_tool.merge_facts, "linked", lambda doctype, name: {"Sales Opportunity": 2})
	as_user("manager")
	rows = sale.rows((sale.world.pump, 4, 100), (sale.world.service, 1, 80))
	same = {"contact_name": "Ines Marlow", "email_id": "ines@harbour.example"}
	gone = sale.lead(
		title="Pumps again", message="Call back", items=rows, landing_page="/pumps", phone="+1 555 010 2031",
		contacts=[same, {"contact_name": "Tom Blake"}], amount=0, territory="",
	)  # fmt: skip
	kept = sale.lead(title="Pumps", message="", items=rows[:1], contacts=[same], landing_page="/start")
	return gone, kept


def told(doc) -> str:
	about = {"reference_doctype": doc.doctype, "reference_name": doc.name, "comment_type": "Info"}
	return frappe.get_all("Comment", filters=about, pluck="content", order_by="creation desc", limit=1)[0]


def test_both_are_shown_side_by_side_and_nothing_is_written(leads, as_user):
	gone, kept = leads
	found = api.get_comparison(LEAD, gone.name, kept.name)
	assert (found["gone"]["title"], found["kept"]["name"], found["obstacles"]) == ("Pumps again", kept.name, [])
	fields = {row["fieldname"]: row for row in found["fields"]}
	assert [fields["title"][key] for key in ("gone", "kept", "stays", "differs", "closed")] == [
		"Pumps again", "Pumps", "kept", True, False
	]  # fmt: skip
	assert (fields["message"]["stays"], fields["message"]["differs"]) == ("gone", False)
	assert fields["party_name"]["closed"] and not fields["prospect_name"]["differs"]
	assert not {"status", "naming_series", "items", "match_phone", "competitors"} & set(fields)
	assert (found["rows"], found["moves"]) == ({"Items": 1, "Contacts": 1}, {"Sales Opportunity": 2})
	assert frappe.db.exists(LEAD, gone.name) and frappe.db.get_value(LEAD, kept.name, "message") in (None, "")
	as_user("rep")
	found = api.get_comparison(LEAD, gone.name, kept.name)
	assert found["moves"] == {} and "no right to delete" in found["obstacles"][0]


def test_what_nobody_chose_is_filled_and_what_was_chosen_is_taken(leads):
	gone, kept = leads
	api.merge_records(LEAD, gone.name, kept.name, {"title": "gone", "landing_page": "kept"})
	kept.reload()
	assert not frappe.db.exists(LEAD, gone.name)
	assert (kept.title, kept.landing_page, kept.message) == ("Pumps again", "/start", "Call back")
	assert [row.item_code for row in kept.items] == [row.item_code for row in gone.items]
	assert sorted(row.contact_name for row in kept.contacts if row.contact_name)[-2:] == ["Ines Marlow", "Tom Blake"]
	said = told(kept)
	assert f"Pumps again ({gone.name}) was merged into this one." in said
	assert "Interested In: Pumps<br>" in said and "Landing Page: /pumps" in said and "Call back" not in said
	assert "+1 555 010 2031" in said


def test_of_two_that_say_the_same_nothing_is_noted(world, as_user):
	as_user("manager")
	one, other = (prospect(world, f"Wharf {world.tag}") for _n in range(2))
	api.merge_records("Sales Prospect", other.name, one.name)
	assert "did not take over" not in told(one)


def test_tags_of_both_stay_once(leads):
	gone, kept = leads
	frappe.db.set_value(LEAD, gone.name, "_user_tags", ",fair,hot")
	frappe.db.set_value(LEAD, kept.name, "_user_tags", ",hot,pumps")
	api.merge_records(LEAD, gone.name, kept.name)
	assert frappe.db.get_value(LEAD, kept.name, "_user_tags") == ",fair,hot,pumps"


def test_a_record_is_not_merged_into_itself_nor_without_the_rights(leads, as_user):
	gone, kept = leads
	with refused(match="the same record"):
		api.merge_records(LEAD, kept.name, kept.name)
	as_user("stranger")
	with refused(frappe.PermissionError):
		merge_tool.merge(LEAD, gone.name, kept.name, {})
	as_user("rep")
	with refused(frappe.PermissionError):
		merge_tool.merge(LEAD, gone.name, kept.name, {})
	assert frappe.db.exists(LEAD, gone.name)


def test_a_converted_lead_stays_and_two_of_them_are_two(leads):
	gone, kept = leads
	frappe.db.set_value(LEAD, gone.name, "status", "Converted")
	with refused(match=f"{gone.name}.* was converted. Keep that one"):
		merge_tool.merge(LEAD, gone.name, kept.name, {})
	assert "Keep that one" in api.get_comparison(LEAD, gone.name, kept.name)["obstacles"][0]
	frappe.db.set_value(LEAD, kept.name, "status", "Converted")
	with refused(match="Both leads were converted"):
		merge_tool.merge(LEAD, gone.name, kept.name, {})


def test_prospects_of_two_customers_are_not_merged(world, as_user):
	as_user("manager")
	one, other = (prospect(world, f"Quay {world.tag}") for _n in range(2))
	frappe.db.set_value("Sales Prospect", one.name, "customer", world.customer)
	frappe.db.set_value("Sales Prospect", other.name, "customer", "Another")
	with refused(match=f"is Customer {world.customer}.* is Customer Another"):
		merge_tool.merge("Sales Prospect", one.name, other.name, {})


def test_who_was_limited_to_both_is_limited_once_as_far_as_before(site, as_user):
	as_user("Administrator")
	values = {"doctype": "User Permission", "user": OTHER, "allow": "Territory", "apply_to_all_doctypes": 1}
	named = frappe.get_all("Territory", pluck="name", order_by="name asc", limit=2)
	first, second = (frappe.get_doc({**values, "for_value": name}).insert() for name in named)
	frappe.db.set_value(
		"User Permission", second.name, {"for_value": named[0], "is_default": 1, "creation": "2099-01-01"}
	)
	others = frappe.get_doc({**values, "user": REP, "for_value": named[0]}).insert()
	beside_records.keep_one_each("Territory", named[0])
	left = frappe.get_all(
		"User Permission", filters={"for_value": named[0]}, fields=["name", "is_default"], order_by="name asc"
	)
	assert {(row.name, row.is_default) for row in left} == {(first.name, 1), (others.name, 0)}


# ---- pairs


def pair(doctype: str, one: str, other: str, **values):
	row = {"doctype": PAIR, "document_type": doctype, "document_name": one, "other_name": other, "score": 90, **values}
	return frappe.get_doc(row).insert().name


def test_two_records_are_looked_at_once_and_only_those_alike_are_a_pair(world, as_user):
	as_user("Administrator")
	same = {"email_id": f"ines@quay-{world.tag}.example", "phone": "+49 30 901820"}
	one, other = (prospect(world, f"Quay Works {world.tag}", **same) for _n in range(2))
	third = prospect(world, f"Alder Mill {world.tag}")
	looked = lambda *docs: pair_records.look_at_two("Sales Prospect", *(doc.name for doc in docs))  # noqa: E731
	assert (looked(other, one), looked(one, other), looked(one, third)) == (1, 0, 0)
	[found] = frappe.get_all(PAIR, filters={"document_name": ("in", (one.name, other.name))}, fields=["*"])
	assert [found.document_name, found.other_name] == sorted((one.name, other.name))
	assert found.document_title == f"Quay Works {world.tag}" and found.score > 50 and found.signs


def test_a_merged_record_is_no_pair_with_itself_and_one_with_each_other(world, as_user):
	as_user("Administrator")
	names = [f"P-{n}-{world.tag}" for n in range(3)]
	for name in names:
		frappe.db.bulk_insert(
			"Sales Prospect", ["name", "prospect_name", "creation", "modified", "owner", "modified_by"],
			[(name, name, "2026-01-01", "2026-01-01", "Administrator", "Administrator")],
		)  # fmt: skip
	kept, second, third = names
	itself = pair("Sales Prospect", kept, second)
	doubted, answered = pair("Sales Prospect", kept, third), pair("Sales Prospect", second, third, decision="Two")
	frappe.db.set_value(PAIR, itself, "other_name", kept)
	frappe.db.set_value(PAIR, answered, {"document_name": third, "other_name": kept})
	pair_records.after_merge("Sales Prospect", kept)
	assert [bool(frappe.db.exists(PAIR, name)) for name in (itself, doubted, answered)] == [False, False, True]


# ---- posts of two people that became one


def post(contact: str, customer: str, designation: str = "", **values) -> str:
	"""A row as it stands after the merge."""
	name = frappe.generate_hash(length=10)
	row = {"name": name, "contact": contact, "customer": customer, "designation": designation, **values}
	row["creation"] = f"2026-01-01 10:00:{frappe.db.count(POST) % 60:02}"
	frappe.db.bulk_insert(POST, list(row), [tuple(row.values())])
	return name


def values_of(name: str, *fields) -> tuple:
	found = frappe.db.get_value(POST, name, fields, as_dict=True)
	return found and tuple(str(value) if value else None for value in found.values())


def test_of_two_posts_that_became_the_same_one_stays_with_the_widest_dates(world):
	who, tag = f"C-{world.tag}", world.tag
	first = post(who, tag, "Buyer", from_date="2024-01-01", to_date="2025-06-30")
	second = post(who, tag, "buyer ", from_date="2023-01-01", to_date="2025-12-31")
	later = post(who, tag, "Buyer", from_date="2026-06-01")
	other = post(who, f"{tag} b", "Buyer", from_date="2024-01-01")
	elsewhere = post(f"D-{tag}", tag, "Buyer", from_date="2024-01-01")
	posts.after_merge(who)
	assert values_of(first, "from_date", "to_date") == ("2023-01-01", "2025-12-31")
	assert values_of(second, "name") is None
	assert values_of(later, "from_date", "to_date") == ("2026-06-01", None)
	assert values_of(other, "name") and values_of(elsewhere, "name")


def test_a_post_without_a_beginning_or_an_end_has_none_afterwards(world):
	who, tag = f"C-{world.tag}", world.tag
	open_end = post(who, tag, from_date="2024-01-01"), post(who, tag, to_date="2025-12-31")
	posts.after_merge(who)
	assert values_of(open_end[0], "from_date", "to_date") == (None, None)
	assert values_of(open_end[1], "name") is None


def test_who_reports_to_a_post_that_goes_reports_to_the_one_that_stays(world):
	who, tag = f"C-{world.tag}", world.tag
	chief = post(f"D-{tag}", tag)
	first, second = post(who, tag), post(who, tag, reports_to=chief)
	below = post(f"E-{tag}", tag, reports_to=second)
	posts.after_merge(who)
	assert values_of(first, "reports_to") == (chief,) and values_of(below, "reports_to") == (first,)


def test_nobody_reports_to_themselves_after_two_became_one(world):
	who, tag = f"C-{world.tag}", world.tag
	first = post(who, tag)
	second = post(who, tag, reports_to=first)
	posts.after_merge(who)
	assert values_of(first, "reports_to") == (None,) and values_of(second, "name") is None
	again, tag = f"F-{world.tag}", f"{tag} b"
	low = post(again, tag)
	top = post(again, tag)
	frappe.db.set_value(POST, low, "reports_to", top)
	posts.after_merge(again)
	assert values_of(low, "reports_to") == (None,)


# ---- relations of two customers that became one


def related(one, kind, other, **values):
	"""A relation as it stands after the merge."""
	name = frappe.generate_hash(length=10)
	row = {"name": name, "customer": one, "related_customer": other, "relation_type": kind, **values}
	row.setdefault("creation", f"2026-01-01 10:00:{frappe.db.count('Customer Relation') % 60:02}")
	frappe.db.bulk_insert("Customer Relation", list(row), [tuple(row.values())])
	return name


def left(*names) -> list[bool]:
	return [bool(frappe.db.exists("Customer Relation", name)) for name in names]


def test_nobody_is_related_to_themselves_and_nothing_stands_twice(world):
	able, cole = f"A {world.tag}", f"C {world.tag}"
	itself = related(able, "Partner", able)
	first = related(able, "Partner", cole, from_date="2001-01-01")
	mutual = related(cole, "Partner", able)
	past = related(able, "Partner", cole, from_date="2000-01-01", to_date="2000-12-31")
	other_way, this_way = related(cole, "Referred By", able), related(able, "Referred By", cole)
	assert relation_record.after_merge("Customer", able) == {able, cole}
	assert left(itself, first, mutual, past, other_way, this_way) == [False, True, False, True, True, True]


def test_the_older_parent_stays_and_no_tree_has_a_circle(world):
	able, baker, cole, dean = (f"{letter} {world.tag}" for letter in "ABCD")
	new = related(able, "Parent", cole, creation="2021-01-01")
	old = related(able, "Parent", baker, creation="2020-01-01")
	circle = related(baker, "Parent", able, creation="2022-01-01")
	below, two = related(cole, "Parent", able), related(dean, "Parent", able)
	assert relation_record.after_merge("Customer", able) == {able, baker}
	assert left(old, new, circle, below, two) == [True, False, False, True, True]


def test_a_type_is_a_tree_only_where_everybody_has_one_above_in_the_same_days(three):  # noqa: F811
	able, baker, cole = three
	kind = frappe.get_doc({"doctype": "Relation Type", "relation_type": f"Advises {able}", "inverse_label": "Advised", "applies_to": "Customer"}).insert()  # fmt: skip
	first = relate(able, kind.name, baker, to_date="2025-12-31")
	relate(able, kind.name, cole, from_date="2026-01-01")
	second = relate(baker, kind.name, cole, from_date="2025-06-01")
	kind.is_tree = 1
	kind.save()
	kind.is_tree = 0
	kind.save()
	both = relate(able, kind.name, cole, from_date="2025-01-01", to_date="2025-01-31")
	kind.is_tree = 1
	with refused(match=f"{able}.* has both .*{baker}.* and .*{cole}.* in the same days"):
		kind.save()
	frappe.delete_doc(both.doctype, both.name)
	circle = relate(cole, kind.name, able, from_date="2025-06-01", to_date="2025-12-31")
	kind.reload()
	kind.is_tree = 1
	with refused(match="are each above the other"):
		kind.save()
	frappe.delete_doc(circle.doctype, circle.name)
	kind.reload()
	kind.is_tree = 1
	kind.save()
	assert frappe.db.get_value("Relation Type", kind.name, "is_tree") == 1 and first.name and second.name
