# ruff: noqa: F811
"""People's posts at customers, and how customers and people are related: as users enter them, and what follows."""

import frappe
from frappe.utils import add_days, nowdate

from crm_pipeline.relations import posts
from tests.site.hosts import HOST
from tests.site.portable.test_relations import INES, person, post, relate, three  # noqa: F401
from tests.site.rows import row
from tests.site.world import refused, without_right


def test_a_designation_may_be_a_number_and_no_list(world):
	ines = person(world.customer, INES)
	assert post(ines, world.customer, designation=1900).title == "Ines Marlow (1900)"
	with refused(match="Designation.* is not a text"):
		post(ines, world.customer, designation=["Buyer"])


def test_a_type_becomes_a_tree_only_where_its_relations_are_one(world, three):
	kind = frappe.get_doc(
		{
			"doctype": "Relation Type",
			"relation_type": f"Feeds {world.tag}",
			"inverse_label": "Fed By",
			"applies_to": "Customer",
		}
	).insert()
	able, baker, cole = three
	rows = [relate(able, kind.name, baker), relate(baker, kind.name, cole), relate(cole, kind.name, able)]
	kind.reload()
	kind.is_tree = 1
	with refused(match="each above the other"):
		kind.save()
	rows[2].delete()
	rows.append(relate(able, kind.name, cole))
	kind.reload()
	kind.is_tree = 1
	with refused(match="in the same days"):
		kind.save()
	rows[0].to_date = add_days(nowdate(), -10)
	rows[0].save()
	rows[3].from_date = add_days(nowdate(), -9)
	rows[3].save()
	kind.reload()
	kind.is_tree = 1
	kind.save()


def test_a_tree_that_was_none_before_may_be_called_otherwise_and_a_word_that_is_none_may_be_anything(three):
	"""Relations of before stay as they are: whoever changes the type otherwise is not asked to mend them."""
	able, baker, cole = three
	kinds = [
		frappe.get_doc(
			{
				"doctype": "Relation Type",
				"relation_type": f"{word} {able}",
				"inverse_label": "By",
				"applies_to": "Customer",
			}
		).insert()
		for word in ("Feeds", "Knows")
	]
	for kind in kinds:
		for above in (baker, cole):
			relate(able, kind.name, above)
	kinds[0].db_set("is_tree", 1)
	for kind in kinds:
		kind.reload()
		kind.inverse_label = "Fed By"
		kind.save()
		assert frappe.db.get_value("Relation Type", kind.name, "inverse_label") == "Fed By"
	kinds[0].is_tree = 0
	kinds[0].save()
	kinds[0].is_tree = 1
	with refused(match=f"{able}.* has both .* in the same days"):
		kinds[0].save()


def test_who_may_not_see_a_person_gives_them_no_post(three, monkeypatch, as_user):
	able, baker, _cole = three
	HOST.plain_records(monkeypatch, "Contact")
	name = row("Contact", name=f"Ann {able}", first_name="Ann", full_name="Ann", docstatus=0)
	as_user("rep")
	with monkeypatch.context() as patch:
		without_right(patch, "Contact", "read")
		with refused(frappe.PermissionError):
			posts.give(able, name)
	assert not frappe.db.exists("Contact Position", {"contact": name})
	assert frappe.db.get_value("Contact Position", posts.give(able, name), ["contact", "customer"]) == (name, able)
