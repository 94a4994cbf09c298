"""What a settled deal stores: how it ended, and what it was sold for. The rule is core/outcomes.py; here are its facts."""

from collections.abc import Iterable

import frappe
from frappe.query_builder.functions import Coalesce
from frappe.utils import flt
from pypika import Case

from crm_pipeline.core.chain import SALE_TYPES
from crm_pipeline.core.outcomes import COMPLETED, Money, Sale, outcome_of, sold_for
from crm_pipeline.core.registry import DEALS
from crm_pipeline.core.stages import LOST, WON
from crm_pipeline.erp import prices, quoted

CONTRACT = "Sales Contract"
OPPORTUNITY, PROJECT = "Sales Opportunity", "Sales Project"
AMOUNTS = ("won_amount", "base_won_amount")
FIELDS = (
	*("status", "stage", "company", "currency", "conversion_rate", "amount", "base_amount", "ordered_amount"),
	*("won_by_type", "won_by", "closed_on", "stage_entered_on", "source_type", "source_name"),
)
# Stored amounts that differ by less are the same.
SAME = 0.004


def outcome_values(doctype: str, name: str | None, deal) -> dict:
	"""{"outcome", "won_amount", "base_won_amount"} of a deal with these FIELDS, whether they are stored already or not."""
	# From the state of a completed project nobody can see whether it was won.
	kind = frappe.db.get_value("Pipeline Stage", deal["stage"], "stage_type") if deal["status"] == COMPLETED else None
	outcome = outcome_of(deal["status"], kind)
	if outcome != WON:
		return {"outcome": outcome, **dict.fromkeys(AMOUNTS, 0.0)}
	sold = sold_for(_sale(doctype, name, deal), lambda value: flt(value, 6))
	return {"outcome": outcome, "won_amount": flt(sold.amount), "base_won_amount": flt(sold.base)}


def values_of(doc) -> dict:
	"""The FIELDS of a loaded deal."""
	return {field: doc.get(field) for field in FIELDS}


def refresh(doctype: str, name: str) -> bool:
	"""Store outcome and amounts of a deal as its documents are now; answers whether they were not."""
	fields = ["outcome", *AMOUNTS, *FIELDS]
	deal = frappe.db.get_value(doctype, name, fields, as_dict=True)
	if not deal:
		return False
	wanted = outcome_values(doctype, name, deal)
	if (deal.outcome or None) == wanted["outcome"] and all(abs(flt(deal[f]) - wanted[f]) < SAME for f in AMOUNTS):
		return False
	frappe.db.set_value(doctype, name, wanted, update_modified=False)
	return True


def follow_quotation(doctype: str, name: str) -> None:
	"""A quotation of this deal changed: what it and the projects that run it were sold for may have, too."""
	projects = {"source_type": doctype, "source_name": name, "outcome": WON} if doctype == OPPORTUNITY else None
	for kind, filters in ((doctype, {"name": name, "outcome": WON}), (PROJECT, projects)):
		for won in frappe.get_all(kind, filters=filters, pluck="name", order_by="name asc") if filters else ():
			refresh(kind, won)


def to_mend() -> Iterable[tuple[str, str]]:
	"""(doctype, name) of the deals whose own columns say that what they store may have drifted."""
	stage = frappe.qb.DocType("Pipeline Stage")
	for doctype in DEALS:
		deal = frappe.qb.DocType(doctype)
		won = (deal.status == WON) | ((deal.status == COMPLETED) & (stage.stage_type == WON))
		expected = Case().when(won, WON).when(deal.status == LOST, LOST).else_("")
		wrong = (Coalesce(deal.outcome, "") != expected) | (won & (deal.base_won_amount != deal.base_amount))
		query = frappe.qb.from_(deal).left_join(stage).on(stage.name == deal.stage).select(deal.name).where(wrong)
		for (name,) in query.orderby(deal.name).run():
			yield doctype, name


# ---- facts


def _sale(doctype: str, name: str | None, deal) -> Sale:
	is_own = deal["currency"] in (None, "", prices.company_currency(deal["company"]))
	contract = _contract(deal)
	ordered = flt(deal["ordered_amount"]) if deal["won_by"] else 0.0
	return Sale(
		own=Money(flt(deal["base_amount"]), flt(deal["amount"])),
		rate=1.0 if is_own else max(flt(deal["conversion_rate"]), 0.0),
		contract=contract,
		# Ordered of a deal that was won by hand says how far its delivery got, not what was sold.
		ordered=ordered,
		quoted=None if contract or ordered > 0 else _quoted(doctype, name, deal),
	)


def _contract(deal) -> Money | None:
	if deal["won_by_type"] != CONTRACT or not deal["won_by"]:
		return None
	filters = {"name": deal["won_by"], "docstatus": 1, "company": deal["company"]}
	return _money(frappe.db.get_value(CONTRACT, filters, ["currency", "amount", "base_amount"]), deal)


def _quoted(doctype: str, name: str | None, deal) -> Money | None:
	for source in _quoted_by(doctype, name, deal):
		found = quoted.of_closed(*source, deal["company"], deal["closed_on"], deal["stage_entered_on"])
		if found:
			return _money(found, deal)
	return None


def _quoted_by(doctype: str, name: str | None, deal) -> Iterable[tuple[str, str]]:
	"""What its quotation may have come from, its own before its opportunity's; nobody knows how to share that of an
	opportunity among several projects."""
	if name:
		yield doctype, name
	if doctype == PROJECT and deal["source_type"] == OPPORTUNITY and deal["source_name"]:
		others = {"source_type": OPPORTUNITY, "source_name": deal["source_name"], "name": ("!=", name or "")}
		if not frappe.db.exists(PROJECT, {**others, "status": ("!=", "Lost"), "project_type": ("in", SALE_TYPES)}):
			yield OPPORTUNITY, deal["source_name"]


def _money(found: tuple | None, deal) -> Money | None:
	"""Of (currency, amount, amount in company currency)."""
	if not found:
		return None
	currency, amount, base = found
	return Money(flt(base), flt(amount) if currency == deal["currency"] else None)
