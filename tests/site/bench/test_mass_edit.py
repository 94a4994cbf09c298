"""Frappe's bulk edit of a selection, on every list of ours: what may be changed is, what may not is named, and the ledger
tells of each."""

import frappe
import pytest
from frappe.desk.doctype.bulk_update.bulk_update import submit_cancel_or_update_docs

from tests.site.conftest import USERS
from tests.site.world import history

REP, OTHER, MANAGER = (USERS[who][0] for who in ("rep", "other_rep", "manager"))
LEAD, DEAL, CAMPAIGN = "Sales Lead", "Sales Opportunity", "Sales Campaign"


@pytest.fixture
def edit(monkeypatch):
	"""edit(doctype, names, {field: value}) is what the list does; answers the names that it shows as failed. Each row is a
	transaction of its own there, here a savepoint."""

	def do(doctype, names, values):
		frappe.db.savepoint("row")
		monkeypatch.setattr(frappe.db, "commit", lambda: frappe.db.savepoint("row"))
		monkeypatch.setattr(frappe.db, "rollback", lambda **more: rolled(**(more or {"save_point": "row"})))
		try:
			return submit_cancel_or_update_docs(doctype, names, "update", frappe.as_json(values))
		finally:
			monkeypatch.undo()

	rolled = frappe.db.rollback
	return do


def made(doctype, **values):
	return frappe.get_doc({"doctype": doctype, **values}).insert().name


def names_of(sale, world, doctype) -> list[str]:
	if doctype == LEAD:
		return [sale.lead().name for _n in range(3)]
	if doctype == DEAL:
		return [sale.opportunity().name for _n in range(3)]
	if doctype == "Customer Case":
		return [sale.case().name for _n in range(3)]
	values = {
		"Sales Prospect": lambda n: {"prospect_name": f"Mill {n} {world.tag}"},
		CAMPAIGN: lambda n: {"title": f"Fair {n} {world.tag}"},
		"Sales Project": lambda n: {"title": f"Plant {n} {world.tag}", "customer": world.customer},
		"Sales Activity": lambda n: {
			"subject": f"Call {n}", "way": "Phone", "status": "Planned", "starts_on": frappe.utils.add_days(None, 2),
		},
	}[doctype]  # fmt: skip
	fields = frappe.get_meta(doctype)
	extra = {"company": world.company} if fields.has_field("company") else {}
	return [made(doctype, **extra, **values(n)) for n in range(3)]


@pytest.mark.parametrize(
	("doctype", "field"),
	[
		(LEAD, "sales_owner"),
		("Sales Prospect", "sales_owner"),
		(DEAL, "sales_owner"),
		(CAMPAIGN, "sales_owner"),
		("Sales Project", "sales_owner"),
		("Sales Activity", "sales_owner"),
		("Customer Case", "sales_owner"),
	],
)
def test_a_selection_gets_another_owner_and_the_ledger_tells_of_each(edit, sale, world, as_user, doctype, field):
	as_user("manager")
	names = names_of(sale, world, doctype)
	assert edit(doctype, names, {field: OTHER}) == []
	assert {frappe.db.get_value(doctype, name, field) for name in names} == {OTHER}
	if doctype in (LEAD, "Sales Prospect", DEAL, "Sales Project"):
		for name in names:
			owners = [row for row in history(doctype, name) if row[0] == "Owner"]
			assert [row[2] for row in owners] == [OTHER], "one change of owner, told once"


def test_rows_that_may_not_be_changed_are_named_and_the_others_saved(edit, sale, world, as_user):
	as_user("manager")
	leads = [sale.lead().name for _n in range(3)]
	frappe.db.set_value(LEAD, leads[1], "status", "Disqualified")
	# Another state than the lead may enter: only the one that is new may become Contacted.
	assert edit(LEAD, leads, {"status": "Converted"}) == leads
	assert [frappe.db.get_value(LEAD, name, "status") for name in leads] == ["New", "Disqualified", "New"]
	deals = [sale.opportunity().name for _n in range(2)]
	assert edit(DEAL, [*deals], {"stage": "No Such Stage"}) == deals
	assert edit(DEAL, deals, {"expected_close": "2031-05-01"}) == []
	assert {str(frappe.db.get_value(DEAL, name, "expected_close")) for name in deals} == {"2031-05-01"}


def test_what_the_app_alone_writes_stays_as_it_is(edit, sale, world, as_user):
	as_user("manager")
	lead = sale.lead().name
	edit(LEAD, [lead], {"score": 99, "assigned_on": "2001-01-01", "match_phone": "1"})
	assert frappe.db.get_value(LEAD, lead, "match_phone") != "1"
	assert str(frappe.db.get_value(LEAD, lead, "assigned_on"))[:4] != "2001"


def test_somebody_else_s_rows_are_not_changed_by_a_rep_who_may_not_see_them(edit, sale, world, as_user):
	as_user("rep")
	own = sale.lead().name
	as_user("manager")
	frappe.db.set_single_value("CRM Pipeline Settings", "team_visibility", 1)
	other = sale.lead(sales_owner=OTHER).name
	frappe.clear_document_cache("CRM Pipeline Settings")
	as_user("rep")
	assert edit(LEAD, [own, other], {"territory": "All Territories"}) == [other]
	assert frappe.db.get_value(LEAD, own, "territory") == "All Territories"
