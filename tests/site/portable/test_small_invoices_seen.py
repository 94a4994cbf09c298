"""What User Permissions leave of invoices for who sells and reads none; the rate of a deal; what its form is told."""

import frappe
import pytest

from crm_pipeline.documents import deal_document
from crm_pipeline.erp import prices
from crm_pipeline.receivables import seen_invoices
from tests.site import rows

INVOICE, DEAL = "Sales Invoice", "Sales Opportunity"


@pytest.fixture
def limited(world, monkeypatch):
	"""limited(given) answers which of five invoices these User Permissions leave."""
	keys = {
		"ours": {"company": world.company, "customer": "C1", "territory": "North", "project": "P1"},
		"south": {"company": world.company, "customer": "C2", "territory": "South", "project": "P2"},
		"nowhere": {"company": world.company, "customer": "C2", "territory": None, "project": None},
		"empty": {"company": world.company, "customer": "C1", "territory": "", "project": ""},
		"theirs": {"company": "Another", "customer": "C1", "territory": "North", "project": "P1"},
	}
	names = {rows.row(INVOICE, name=f"{key} {world.tag}", **values): key for key, values in keys.items()}

	def left(**given) -> list[str] | None:
		allowed = {
			doctype.replace("_", " "): [
				frappe._dict(doc=doc, applicable_for=each.get("only")) for each in docs for doc in each["docs"]
			]
			for doctype, docs in given.items()
		}
		monkeypatch.setattr(seen_invoices, "get_user_permissions", lambda user: allowed)
		criterion = seen_invoices._by_user_permissions()
		if criterion is None:
			return None
		table = frappe.qb.DocType(INVOICE)
		found = frappe.qb.from_(table).select(table.name).where(table.name.isin(list(names)) & criterion).run()
		return sorted(names[row[0]] for row in found)

	left.name = {key: name for name, key in names.items()}
	return left


def of(*docs: str, only: str | None = None) -> list[dict]:
	return [{"docs": docs, "only": only}]


def strict(on: bool) -> None:
	frappe.db.set_single_value("System Settings", "apply_strict_user_permissions", int(on))


def test_without_a_permission_on_anything_of_an_invoice_all_are_left(limited):
	assert limited() is None and limited(Employee=of("E1")) is None
	assert limited(Territory=of("North", only="Sales Order")) is None, "one of other documents is none of invoices"


@pytest.mark.parametrize("only", [None, "", INVOICE])
def test_a_permission_on_a_territory_leaves_what_names_none_unless_the_site_is_strict(limited, only):
	strict(False)
	assert limited(Territory=of("North", only=only)) == ["empty", "nowhere", "ours", "theirs"]
	strict(True)
	assert limited(Territory=of("North", only=only)) == ["ours", "theirs"]
	strict(False)


def test_permissions_on_several_things_hold_together_and_on_one_thing_either(limited, world):
	strict(False)
	assert limited(Company=of(world.company), Customer=of("C1")) == ["empty", "ours"]
	assert limited(Territory=of("North", "South"), Company=of("Another")) == ["theirs"]
	mixed = of("North", only=INVOICE) + of("South", only="Sales Order")
	assert limited(Territory=mixed, Company=of(world.company)) == ["empty", "nowhere", "ours"]


def test_a_permission_on_an_invoice_leaves_that_one(limited):
	strict(True)
	assert limited(Sales_Invoice=of(limited.name["south"])) in ([], ["south"])
	strict(False)
	assert limited(Sales_Invoice=of(limited.name["south"])) == ["south"]


def test_a_field_that_ignores_user_permissions_is_not_asked(limited):
	strict(True)
	field = frappe.get_meta(INVOICE).get_field("project")
	before, left = field.get("ignore_user_permissions"), []
	for ignored in (0, 1, before):
		field.ignore_user_permissions = ignored
		left.append(limited(Project=of("P1")))
	assert left[:2] == [["ours", "theirs"], None]
	strict(False)


# ---- the rate of a deal


@pytest.mark.parametrize(
	("before", "now", "rate"),
	[
		(None, ("EUR", "ours", 3), 3), (None, ("EUR", "ours", 0), 7), (None, ("EUR", "ours", -1), 7), (None, ("own", "ours", 3), 1),
		(("EUR", "ours", 3), ("EUR", "ours", 3), 3), (("EUR", "ours", 3), ("EUR", "ours", 4), 4),
		(("GBP", "ours", 3), ("EUR", "ours", 3), 7), (("GBP", "ours", 3), ("EUR", "ours", 4), 4),
		(("EUR", "other", 3), ("EUR", "ours", 3), 7), (("EUR", "other", 3), ("EUR", "ours", 4), 4), (("EUR", "ours", 3), ("own", "ours", 3), 1),
	],
)  # fmt: skip
def test_a_rate_is_asked_anew_with_another_currency_or_company_and_never_in_place_of_a_typed_one(
	world, monkeypatch, before, now, rate
):
	monkeypatch.setattr(prices, "exchange_rate", lambda currency, company, day=None: 7)

	def values(currency, company, rate) -> dict:
		currency, company = (
			{"own": world.currency}.get(currency, currency),
			{"ours": world.company}.get(company, company),
		)
		return {"currency": currency, "company": company, "conversion_rate": rate}

	deal = frappe.new_doc(DEAL)
	deal.update(values(*now))
	deal._doc_before_save = before and frappe._dict(values(*before))
	deal.set_currency()
	assert (deal.currency, deal.conversion_rate) == (values(*now)["currency"], rate)


# ---- what the form of a deal is told


@pytest.mark.parametrize("doctype", [DEAL, "Sales Project"])
def test_the_form_of_a_deal_is_told_its_orders_reach_stages_returns_and_leads(world, monkeypatch, doctype):
	name = rows.bare_deal(world, "Deal", doctype)
	asked = {
		"orders": (deal_document.roll_up, "documents_of", lambda *about: [about]),
		"reach": (deal_document, "reach_of", lambda kind, docs: {docs[0].name: {"phone": kind}}),
		"stage_visits": (deal_document.passages, "entered", lambda *about: {"first": about}),
		"returned": (deal_document, "returned_from", lambda *about: [{"name": about}]),
		"leads": (deal_document.origins, "leads_of", lambda kind, names: {names[0]: ["L-1", kind]}),
	}
	for module, function, answer in asked.values():
		monkeypatch.setattr(module, function, answer)
	deal = frappe.get_doc(doctype, name)
	deal.run_method("onload")
	told = {key: deal.get("__onload")[key] for key in asked}
	about = (doctype, name)
	assert told == {
		"orders": [about], "reach": {"phone": doctype}, "stage_visits": {"first": about}, "returned": [{"name": about}], "leads": ["L-1", doctype],
	}  # fmt: skip
	monkeypatch.setattr(deal_document.origins, "leads_of", lambda kind, names: {})
	deal.run_method("onload")
	assert deal.get("__onload")["leads"] == []
