"""Who counts up the ids of prospects learns no name: a prospect that a person chooses is one that they see."""

import frappe
import pytest

from crm_pipeline import api
from tests.site import rows
from tests.site.portable.test_board import pipeline as pipeline_of_board
from tests.site.portable.test_visibility import REP, set_apart
from tests.site.world import refused

CHOOSING = {
	"Sales Lead": {"title": "A pump"},
	"Sales Opportunity": {"title": "A pump"},
	"Customer Case": {"subject": "It leaks"},
	"Sales Activity": {"subject": "Call", "starts_on": "2026-12-01 09:00:00", "way": "Phone"},
}


@pytest.fixture
def theirs(sale, as_user):
	"""(prospect that the rep does not see, their own lead)"""
	as_user("rep")
	mine = sale.lead()
	as_user("other_rep")
	hidden = sale.lead(prospect_name="Hidden Quay", email_id="a@hidden-quay.example", phone=None).prospect
	set_apart()
	as_user("rep")
	assert not frappe.has_permission("Sales Prospect", doc=hidden)
	return hidden, mine


@pytest.mark.parametrize("doctype", CHOOSING)
def test_a_hidden_prospect_can_not_be_chosen(theirs, doctype):
	hidden, mine = theirs
	for more in ({}, {"source_type": mine.doctype, "source_name": mine.name}):
		with refused(frappe.PermissionError, match="does not exist, or you have no right to see it"):
			frappe.get_doc({"doctype": doctype, **CHOOSING[doctype], **more, "prospect": hidden}).insert()
	assert frappe.get_doc({"doctype": doctype, **CHOOSING[doctype], "prospect": mine.prospect}).insert().name


def test_nor_later_and_who_has_it_already_works_on(theirs, as_user):
	hidden, mine = theirs
	with refused(frappe.PermissionError):
		frappe.get_doc(mine.doctype, mine.name).update({"prospect": hidden}).save()
	frappe.db.set_value(mine.doctype, mine.name, "prospect", hidden)
	lead = frappe.get_doc(mine.doctype, mine.name)
	lead.title = "Two pumps"
	lead.save()
	for doctype, values in CHOOSING.items():
		assert frappe.get_doc({"doctype": doctype, **values, "prospect": hidden}).insert().name, (
			"its name is told anyway"
		)


@pytest.mark.parametrize("shown", ["on the deal", "on the board"])
def test_how_a_hidden_party_is_reached_does_not_stand_on_a_deal(theirs, world, as_user, shown):
	hidden, mine = theirs
	as_user("Administrator")
	line = pipeline_of_board(f"Reach {world.tag}")
	reach = {"phone": "+49 30 901820", "email_id": "a@hidden-quay.example", "contact_name": "Ines Marlow"}
	for prospect in (hidden, mine.prospect):
		frappe.db.set_value("Sales Prospect", prospect, {**reach, "mobile_no": None})
	fixed = {"customer": None, "sales_owner": REP, "pipeline": line, "stage": f"{line}-first"}
	deals = [rows.bare_deal(world, f"D {n}", prospect=p, **fixed) for n, p in enumerate((hidden, mine.prospect))]
	as_user("rep")

	def found(name) -> dict:
		if shown == "on the deal":
			doc = frappe.get_doc("Sales Opportunity", name)
			doc.run_method("onload")
			return doc.get_onload("reach")
		[card] = [card for card in api.get_cards(line, f"{line}-first")["cards"] if card["name"] == name]
		return card

	for name, told in zip(deals, (False, True), strict=True):
		assert {field: found(name).get(field) for field in reach} == (reach if told else dict.fromkeys(reach))
	as_user("desk")
	assert found(deals[0]).get("phone") == reach["phone"], "who sees all is told"
