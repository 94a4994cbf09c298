"""What was left undone while somebody else was working is done afterwards: what is locked, looked at, counted and told."""

from types import SimpleNamespace

import frappe
import pytest

from crm_pipeline.chain import locks
from crm_pipeline.core.chain import Ref
from crm_pipeline.overrides import catch_up, quotation, sales_order
from tests.site import rows

DEAL, CONTRACT, ORDER, QUOTATION = "Sales Opportunity", "Sales Contract", "Sales Order", "Quotation"


def contract(world, key: str, **values) -> str:
	fixed = {"company": world.company, "customer": world.customer, "status": "Active", "order_changes": 0}
	return rows.row(CONTRACT, name=f"{key} {world.tag}", **{**fixed, **values})


@pytest.fixture
def grown(world):
	"""A deal, its quotation, the second version of its contract, and an order of that."""
	deal = rows.bare_deal(world, "Deal")
	offer = rows.row(QUOTATION, company=world.company, crm_source_type=DEAL, crm_source_name=deal)
	first = contract(world, "C1", docstatus=2, source_type=QUOTATION, source_name=offer)
	second = contract(world, "C2", amended_from=first, source_type=QUOTATION, source_name=offer)
	order = rows.order(world, 100, crm_source_type=CONTRACT, crm_source_name=second)
	return SimpleNamespace(deal=deal, offer=offer, first=first, second=second, order=order)


def test_what_is_above_a_document_is_locked_as_far_as_it_is_ours_and_there_with_the_first_contract(world, grown):
	"""A quotation is finance's: who waits there would make them wait."""
	found = catch_up._rows_above(Ref(ORDER, grown.order))
	assert set(found) == {(DEAL, grown.deal), (CONTRACT, grown.second), (CONTRACT, grown.first)}
	assert {doctype for doctype, _name in found} <= set(locks.ORDER)
	assert set(catch_up._rows_above(Ref(QUOTATION, grown.offer))) == {(DEAL, grown.deal)}
	assert set(catch_up._rows_above(Ref(CONTRACT, grown.second))) == set(found)
	frappe.db.delete(CONTRACT, {"name": grown.second})
	assert (CONTRACT, grown.second) not in catch_up._rows_above(Ref(ORDER, grown.order))
	assert catch_up._rows_above(Ref(DEAL, "Gone")) == []


@pytest.mark.parametrize(
	("docstatus", "over", "counted", "told"),
	[(1, False, 1, False), (1, True, 1, True), (0, True, 0, False), (2, True, 0, False)],
)
def test_a_late_look_at_a_contract_is_counted_on_its_first_version_and_told_on_the_one_that_was_sold_of(
	world, grown, monkeypatch, docstatus, over, counted, told
):
	frappe.db.set_value(ORDER, grown.order, "docstatus", docstatus)
	order, asked = frappe.get_doc(ORDER, grown.order), []

	def look(doc, rows, contract):
		asked.append((doc.name, rows, contract))
		return (frappe._dict(idx=3, item_code="Pump"), 2.5) if over else None

	monkeypatch.setattr(sales_order, "over_agreed", look)
	catch_up._contract(order)
	assert asked == ([(grown.order, {row.name for row in order.items}, grown.second)] if counted else [])
	changes = lambda name: frappe.db.get_value(CONTRACT, name, "order_changes")  # noqa: E731
	assert (changes(grown.first), changes(grown.second)) == (counted, 0)
	about = {"reference_doctype": CONTRACT, "reference_name": ("in", (grown.first, grown.second))}
	comments = frappe.get_all(
		"Comment", filters=about, fields=["reference_name", "comment_type", "content"], order_by="creation asc"
	)
	assert [(row.reference_name, row.comment_type) for row in comments] == ([(grown.second, "Comment")] if told else [])
	for row in comments:
		assert all(word in row.content for word in (f"Sales Order {grown.order}, row 3", "Pump", "2.5 more"))


def test_an_order_of_no_contract_or_of_one_that_is_gone_is_not_looked_at(world, grown, monkeypatch):
	monkeypatch.setattr(sales_order, "over_agreed", lambda *about: pytest.fail("looked at"))
	catch_up._contract(frappe.get_doc(ORDER, rows.order(world, 100)))
	frappe.db.delete(CONTRACT, {"name": grown.second})
	catch_up._contract(frappe.get_doc(ORDER, grown.order))
	assert frappe.db.get_value(CONTRACT, grown.first, "order_changes") == 0


@pytest.mark.parametrize(
	("doctype", "docstatus", "done"),
	[
		(QUOTATION, 1, "outcome"), (QUOTATION, 0, "outcome"), (QUOTATION, None, None), (ORDER, 0, "ancestors"), (ORDER, 1, "order"),
		(ORDER, 2, "order"), (ORDER, None, "ancestors"), (CONTRACT, 1, "ancestors"), (CONTRACT, None, "ancestors"),
	],
)  # fmt: skip
def test_a_sale_follows_what_became_of_its_document(monkeypatch, doctype, docstatus, done):
	did = []
	monkeypatch.setattr(quotation, "write_outcome", lambda doc: did.append(("outcome", doc.name)))
	monkeypatch.setattr(sales_order, "order_changed", lambda doc: did.append(("order", doc.name)))
	monkeypatch.setattr(catch_up.outcome, "sync_ancestors", lambda *about: did.append(("ancestors", about)))
	doc = None if docstatus is None else frappe._dict(doctype=doctype, name="X-1", docstatus=docstatus)
	catch_up._sale(Ref(doctype, "X-1"), doc)
	assert did == ([(done, (doctype, "X-1") if done == "ancestors" else "X-1")] if done else [])


# ---- an order beyond its contract


@pytest.mark.parametrize("opening", [True, False])
def test_an_order_of_an_earlier_version_is_measured_by_the_latest_and_counted_on_the_first(
	world, grown, monkeypatch, opening
):
	order, asked, locked = frappe.get_doc(ORDER, grown.order), [], []
	frappe.db.set_value(ORDER, grown.order, "crm_source_name", grown.first)
	order.crm_source_name = grown.first
	monkeypatch.setattr(sales_order, "lock", lambda *rows: locked.extend(rows))
	monkeypatch.setattr(sales_order, "_check_in_force", lambda doc, name: asked.append(("in force", name)))
	monkeypatch.setattr(sales_order, "over_agreed", lambda doc, rows, name: asked.append((sorted(rows), name)))
	sales_order.check_contract(order, {"R1"}, opening=opening)
	first = [("in force", grown.second)] if opening else []
	assert asked == [*first, (["R1"], grown.second)] and locked == [(CONTRACT, grown.first)]
	assert frappe.db.get_value(CONTRACT, grown.first, "order_changes") == 1
	sales_order.check_contract(order, set(), opening=opening)
	assert len(locked) == 1, "no row, no look"
	monkeypatch.setattr(sales_order, "over_agreed", lambda *about: (frappe._dict(idx=2, item_code="Pump"), 1.5))
	with pytest.raises(
		frappe.ValidationError, match=f"Row 2: .*Pump.* is 1.5 more than what remains of Contract {grown.second}"
	):
		sales_order.check_contract(order, {"R1"}, opening=opening)
	assert frappe.db.get_value(CONTRACT, grown.first, "order_changes") == 1
	frappe.clear_messages()
