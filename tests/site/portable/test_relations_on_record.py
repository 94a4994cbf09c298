# ruff: noqa: F811
"""People's posts at customers, and how customers and people are related: as users enter them, and what follows."""

import frappe
from frappe.utils import add_days, nowdate

from tests.site.portable.test_relations import INES, person, post, relate, three  # noqa: F401
from tests.site.world import refused


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
