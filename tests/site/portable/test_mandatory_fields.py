"""Fields that an admin made mandatory: nothing that people do to a sale ends at one that they could not fill."""

import frappe
import pytest

from crm_pipeline import api
from crm_pipeline.erp import mandatory
from tests.site.world import refused


@pytest.fixture
def require(rolled_back):
	"""require(doctype, field): the field is mandatory, as Customize Form makes it."""
	changed = []

	def make(doctype: str, fieldname: str) -> None:
		field = frappe.get_meta(doctype).get_field(fieldname)
		changed.append((field, field.reqd or 0))
		field.reqd = 1

	yield make
	for field, before in changed:
		field.reqd = before


def said() -> str:
	return str(frappe.local.message_log)


def filled_in(doc, field: str, value):
	"""The document is there, asks for the field when it is saved, and takes it."""
	doc = frappe.get_doc(doc["doctype"], doc["name"])
	assert not doc.get(field)
	with refused(frappe.MandatoryError):
		doc.save()
	doc.reload()
	doc.set(field, value)
	doc.save()
	return doc


def test_what_is_complete_says_nothing(sale, as_user):
	as_user("rep")
	frappe.clear_messages()
	api.opportunity_to_project(sale.opportunity().name)
	assert "still needs" not in said()


def test_a_project_of_a_deal_says_what_it_lacks(sale, as_user, require):
	as_user("rep")
	require("Sales Project", "end_date")
	filled_in(api.opportunity_to_project(sale.opportunity().name), "end_date", "2030-01-01")


def test_rows_and_empty_texts_are_named_with_their_row(sale, require):
	deal = sale.opportunity(items=[])
	require("Sales Deal Item", "description")
	require("Sales Opportunity", "description")
	deal.append("items", {"item_code": sale.world.pump, "qty": 1, "rate": 5})
	deal.description = "Six pumps"
	assert mandatory.missing(deal) == ["Row 1: Description"]
	deal.items[0].description, deal.description = "Blue", "<p> </p>"
	assert mandatory.missing(deal) == ["Description"]
