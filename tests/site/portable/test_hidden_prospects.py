"""Who counts up the ids of prospects learns no name: a prospect that a person chooses is one that they see."""

import frappe
import pytest

from tests.site.portable.test_visibility import set_apart
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
