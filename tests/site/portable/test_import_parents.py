# ruff: noqa: F811
"""Parent companies of a file: found by their id there or by their name, and never put over what a person chose."""

import frappe
import pytest

from crm_pipeline.importer import source_ids, store_masters
from crm_pipeline.importer.masters import Account, Masters
from tests.site.portable.test_importing import buyer, load  # noqa: F401

FIELD = "crm_parent_customer"


@pytest.fixture
def files(load, world):
	"""files(*accounts) sets the parents of these rows of a file, whose ids "P1" and "C1" are known here; {key: customer}."""
	tag = world.tag
	here = {key: buyer(f"{key} {tag}") for key in ("Parent", "Child", "Other")}
	for key, name in (("P1", here["Parent"]), ("C1", here["Child"])):
		source_ids.keep(f"Old {tag}", "Customer", key, name)

	def make(*accounts):
		masters = Masters()
		for account in accounts:
			masters.accounts[account.key] = (account, None)
			masters.by_name.setdefault("accounts", {}).setdefault(account.name.casefold(), []).append(account.key)
		store_masters._set_parents(masters, load(source=f"Old {tag}"))
		return {key: frappe.db.get_value("Customer", name, FIELD) or None for key, name in here.items()}

	make.here = here
	return make


def test_a_parent_company_is_named_by_its_id_or_by_its_name_in_any_case(files):
	here = files.here
	found = files(
		Account("Called otherwise", source_id="P1"),
		Account(here["Child"], parent="P1", source_id="C1"),
		Account(here["Other"], parent=here["Child"].upper()),
	)
	assert found == {"Parent": None, "Child": here["Parent"], "Other": here["Child"]}
	kinds = frappe.get_all(
		"Customer Relation",
		filters={"customer": ("in", list(here.values()))},
		fields=["customer", "related_customer", "from_date"],
		order_by="creation asc",
	)
	assert [(row.customer, row.related_customer, row.from_date) for row in kinds] == [
		(here["Child"], here["Parent"], None),
		(here["Other"], here["Child"], None),
	]


def test_a_parent_of_the_file_s_own_name_is_the_record_that_its_id_stands_for(files):
	here = files.here
	found = files(
		Account("Called otherwise", source_id="P1"),
		Account(here["Child"], parent="Called Otherwise", source_id="C1"),
	)
	assert found == {"Parent": None, "Child": here["Parent"], "Other": None}


def test_a_parent_that_nobody_knows_is_none_and_one_that_somebody_chose_stays(files):
	here = files.here
	frappe.db.set_value("Customer", here["Child"], FIELD, here["Other"])
	found = files(
		Account(here["Parent"], source_id="P1"),
		Account(here["Child"], parent="P1", source_id="C1"),
		Account(here["Other"], parent="P9"),
	)
	assert found == {"Parent": None, "Child": here["Other"], "Other": None}
	assert not frappe.db.exists("Customer Relation", {"customer": ("in", list(here.values()))})
